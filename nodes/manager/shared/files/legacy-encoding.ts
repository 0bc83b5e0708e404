import { decodedAs } from './encodings.js';

/** Which encoding a text has that is none of Unicode's. */
export interface Guess {
  /** The first is the likeliest. */
  encodings: [string, ...string[]];
  /** The others make no sense of it. */
  isSure: boolean;
}

/** So much with characters beyond ASCII tells enough. */
const MAX_BYTES = 32 * 1024;

/** What has several bytes for a character; in the order of who reads this product. */
const EAST_ASIAN = ['shift_jis', 'big5', 'gb18030', 'euc-kr', 'euc-jp'] as const;
/** What nobody can tell from windows-1252 by a few words. */
const OTHERS = ['windows-1250', 'windows-1251', 'koi8-r', 'windows-1253', 'windows-1254', 'iso-8859-15'];

/**
 * Guesses by the lines that have bytes beyond ASCII. Sure is only what all other readings make nonsense of: letters of Western
 * Europe within words, characters of East Asia that are used every day.
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

/** Whether it is UTF-8 in which few bytes are wrong: no other encoding looks like that. */
export function isDamagedUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(sampleOf(bytes));
  const lost = text.match(/\ufffd/g)?.length ?? 0;
  const beyond = text.match(/\P{ASCII}/gu)?.length ?? 0;
  return beyond - lost >= 3 * lost;
}

/** The first lines that have bytes beyond ASCII, each whole. */
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

/** Signs that stand beside words and figures, and not within words. */
const SIGNS = /^[\u00a0§°€£–—‘’“”„…•®©™²³µ½¼«»×±ªº¿¡·\u00ad]$/;
/** As they stand in the words of Western Europe; those that windows-1252 has beside ISO 8859-1 are of other languages. */
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

/** No capital behind a small letter, no small one among capitals; and no word without a letter of ASCII. */
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
/** Of a character: used every day, hardly ever, or a sign; `half`: katakana of half the width. */
type Use = 'common' | 'rare' | 'sign' | 'half';

/** What a character of two bytes is, by the standards' own parts: each has its daily characters in one part. */
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

/** Whether nearly all characters are those of every day, and stand among their like. */
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
    // One alone within a word of ASCII is a letter of another encoding.
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
