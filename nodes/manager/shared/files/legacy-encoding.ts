import { decodedAs } from './encodings.js';

/** The possible encodings of a text that is not in Unicode. */
export interface Guess {
  /** The first is the likeliest. */
  encodings: [string, ...string[]];
  /** True if the text makes no sense in any other encoding. */
  isSure: boolean;
}

/** Bytes of lines with characters beyond ASCII that are enough to guess. */
const MAX_BYTES = 32 * 1024;

/** Encodings with several bytes for a character, ordered by the languages of this product's users. */
const EAST_ASIAN = ['shift_jis', 'big5', 'gb18030', 'euc-kr', 'euc-jp'] as const;
/** Encodings that a few words do not tell from windows-1252. */
const OTHERS = ['windows-1250', 'windows-1251', 'koi8-r', 'windows-1253', 'windows-1254', 'iso-8859-15'];

/**
 * Guesses the encoding by the lines that have bytes beyond ASCII. An encoding makes sense if it gives letters of Western Europe within
 * words, or characters of East Asia that are used every day. The guess is sure if only one of them makes sense.
 */
export function guessEncoding(bytes: Uint8Array): Guess {
  const sample = sampleOf(bytes);
  const isOldMac = bytes.includes(13) && !bytes.includes(10);
  const isWindows = bytes.includes(13) && !isOldMac;
  const east = EAST_ASIAN.filter((encoding) => isEastAsian(encoding, sample));
  const western = isWestern(decodedAs('windows-1252', sample)) ? ['windows-1252'] : [];
  const isMac = isWestern(decodedAs('macintosh', sample));
  const mac = isMac && !isWindows && (isOldMac || western.length === 0) ? ['macintosh'] : [];
  const dos = isWestern(decodedAs('cp850', sample)) && western.length === 0 ? ['cp850'] : [];
  const found = [...(isOldMac ? [...mac, ...western] : [...western, ...mac]), ...dos, ...east];
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return { encodings: [first], isSure: true };
  const possible = [...EAST_ASIAN, 'windows-1252', ...OTHERS, 'macintosh', 'cp850'].filter(
    (encoding) => !found.includes(encoding) && decodedAs(encoding, sample) !== null,
  );
  const all = [...found, ...possible];
  return { encodings: [all[0] ?? 'windows-1252', ...all.slice(1)], isSure: false };
}

/** Whether bytes are UTF-8 with a few wrong ones. No other encoding looks like that. */
export function isDamagedUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(sampleOf(bytes));
  const lost = text.match(/\ufffd/g)?.length ?? 0;
  const beyond = text.match(/\P{ASCII}/gu)?.length ?? 0;
  return beyond - lost >= 3 * lost;
}

/** The first lines that have bytes beyond ASCII. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = [];
  let size = 0;
  let begin = 0;
  let isFar = false;
  for (let place = 0; place <= bytes.length && size < MAX_BYTES; place += 1) {
    const byte = bytes[place];
    if (byte !== undefined && byte !== 10 && byte !== 13) {
      isFar ||= byte > 127;
      continue;
    }
    if (isFar) {
      const line = bytes.subarray(begin, place + 1);
      lines.push(line.subarray(0, MAX_BYTES));
      size += line.length;
    }
    begin = place + 1;
    isFar = false;
  }
  return Buffer.concat(lines);
}

/** Signs that stand beside words and numbers, and not within words. */
const SIGNS = /^[\u00a0§°€£–—‘’“”„…•®©™²³µ½¼«»×±ªº¿¡·\u00ad]$/;
/** Letters of Western European words. Further letters of windows-1252 belong to other languages. */
const LETTER = /^[À-ÖØ-öø-þ]$/;

/** Whether each character beyond ASCII stands where Western European languages have it. */
function isWestern(text: string | null): boolean {
  if (text === null) return false;
  let letters = 0;
  let signs = 0;
  for (const { 0: run, index } of text.matchAll(/\P{ASCII}+/gu)) {
    const before = text[index - 1] ?? ' ';
    const after = text[index + run.length] ?? ' ';
    if (run.length > 3) return false;
    for (const [place, character] of [...run].entries()) {
      const left = run[place - 1] ?? before;
      const right = run[place + 1] ?? after;
      if (SIGNS.test(character)) {
        if (isLetter(left) && isLetter(right) && !/[’·]/.test(character)) return false;
        if (isLetter(right) && /[£€§]/.test(character)) return false;
        signs += 1;
      } else if (isWithinWord(character, left, right)) letters += 1;
      else return false;
    }
  }
  return letters > 0 ? letters * 3 >= signs : signs > 0 && signs < 200;
}

/**
 * Whether a letter fits those beside it: no capital behind a small letter, no small letter among capitals, and no word without an ASCII
 * letter.
 */
function isWithinWord(character: string, left: string, right: string): boolean {
  if (!LETTER.test(character)) return false;
  const isCapital = character !== character.toLowerCase();
  const isSmall = character !== character.toUpperCase() && character !== 'ß';
  if (isCapital && isSmallLetter(left)) return false;
  if (isCapital && isCapitalLetter(left) && isSmallLetter(right)) return false;
  if (isSmall && isCapitalLetter(right)) return false;
  const isAlone = !isLetter(left) && !isLetter(right);
  return isAlone || /[A-Za-z]/.test(left + right);
}

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}
function isSmallLetter(character: string): boolean {
  return /\p{Ll}/u.test(character);
}
function isCapitalLetter(character: string): boolean {
  return /\p{Lu}/u.test(character);
}

type EastAsian = (typeof EAST_ASIAN)[number];
/** How a character is used: every day, hardly ever, or as a sign. `half` is half-width katakana. */
type Use = 'common' | 'rare' | 'sign' | 'half';

/** The use of a character of two bytes. Each standard has the characters of every day in one part. */
const USES: Record<EastAsian, (lead: number, trail: number) => Use> = {
  shift_jis(lead, trail) {
    if (lead === 0x81) return 'sign';
    if (lead === 0x82 || lead === 0x83) return 'common';
    const code = lead * 256 + trail;
    return code >= 0x889f && code <= 0x9872 ? 'common' : 'rare';
  },
  'euc-jp'(lead) {
    if (lead === 0x8e) return 'half';
    if (lead >= 0xa1 && lead <= 0xa3) return 'sign';
    if (lead === 0xa4 || lead === 0xa5) return 'common';
    return lead >= 0xb0 && lead <= 0xcf ? 'common' : 'rare';
  },
  gb18030(lead, trail) {
    if (trail < 0xa1) return 'rare';
    if (lead >= 0xa1 && lead <= 0xa5) return 'sign';
    return lead >= 0xb0 && lead <= 0xd7 ? 'common' : 'rare';
  },
  big5(lead, trail) {
    if (lead >= 0xa1 && lead <= 0xa3) return 'sign';
    const code = lead * 256 + trail;
    return code >= 0xa440 && code <= 0xc67e ? 'common' : 'rare';
  },
  'euc-kr'(lead, trail) {
    if (trail < 0xa1) return 'rare';
    if (lead >= 0xa1 && lead <= 0xaf) return 'sign';
    return lead >= 0xb0 && lead <= 0xc8 ? 'common' : 'rare';
  },
};

/** Whether nearly all characters are used every day, and stand beside others of their kind. */
function isEastAsian(encoding: EastAsian, bytes: Uint8Array): boolean {
  if (decodedAs(encoding, bytes) === null) return false;
  let common = 0;
  let rare = 0;
  for (let place = 0; place < bytes.length; ) {
    if (bytes[place]! < 0x80) {
      place += 1;
      continue;
    }
    const begin = place;
    const uses: Use[] = [];
    while (place < bytes.length && bytes[place]! >= 0x80) {
      const lead = bytes[place]!;
      const isHalf = encoding === 'shift_jis' && lead >= 0xa1 && lead <= 0xdf;
      uses.push(isHalf ? 'half' : USES[encoding](lead, bytes[place + 1] ?? 0));
      place += isHalf ? 1 : 2;
    }
    // A single character within a word of ASCII is a letter of another encoding.
    const isTorn = isAsciiLetter(bytes[begin - 1]) || isAsciiLetter(bytes[place]);
    const isOdd = uses.length === 1 && isTorn;
    const isHalfWord = uses.filter((use) => use === 'half').length > 1 && !isTorn;
    for (const use of uses) {
      if (isOdd || use === 'rare' || (use === 'half' && !isHalfWord)) rare += 1;
      else if (use !== 'sign') common += 1;
    }
  }
  return common >= 2 && rare <= common * 0.15;
}

function isAsciiLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 32) >= 97 && (byte | 32) <= 122;
}
