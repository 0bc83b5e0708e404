// Encodings with one byte for each character that TextDecoder does not have or reads differently: that of Node.js reads windows-1252 as ISO
// 8859-1, so that “ and € become control characters.

/** The characters from 0x80 to 0x9f. A byte that stands for nothing is a control character. */
const WINDOWS_1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
/** The characters from 0x80 to 0xff, as Excel writes them in "CSV (MS-DOS)" in Western Europe. */
const CP850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';

/** Decodes bytes as Latin-1, with the characters from 0x80 on taken from `upper`. */
function decode(bytes: Uint8Array, upper: string): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const range = upper.length === 32 ? /[\u0080-\u009f]/g : /[\u0080-\u00ff]/g;
  return text.replace(range, (character) => upper[character.charCodeAt(0) - 0x80]!);
}

/** Decoders, by the name of the encoding. */
export const SINGLE_BYTE: Readonly<Record<string, (bytes: Uint8Array) => string>> = {
  'windows-1252': (bytes) => decode(bytes, WINDOWS_1252),
  cp850: (bytes) => decode(bytes, CP850),
};
