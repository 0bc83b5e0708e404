/**
 * Control characters (C0, DEL and C1), characters that hide or turn around the text beside them, line ends that are none in a terminal,
 * tags, and halves of surrogate pairs.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\u{e0000}-\u{e0fff}]/gu;
const MAX_CHARACTERS = 4000;

/**
 * Makes a text from anywhere fit for a log or a list: on one line, with every character visible. Any other character is written as its code
 * (`\u001b`), and what is too long is cut.
 */
export function printable(text: string, most = MAX_CHARACTERS): string {
  const cut = text.length > most ? `${text.slice(0, most)}...` : text;
  return cut.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
}

export interface Log {
  info(text: string): void;
  warn(text: string): void;
}

/** Wraps a log so that it gets only printable text, whoever wrote it. */
export function printableLog(log: Log): Log {
  return {
    info: (text) => log.info(printable(text)),
    warn: (text) => log.warn(printable(text)),
  };
}
