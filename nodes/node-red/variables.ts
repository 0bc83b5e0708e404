import { accessSync, constants } from 'node:fs';
import { messageOf, TpeError } from '../manager/tpe-error.js';

// Each reads one environment variable; a blank one counts as not set. INVALID_INPUT names the variable and its rule.

export function textIn(variables: NodeJS.ProcessEnv, name: string): string | undefined {
  return variables[name]?.trim() || undefined;
}

export function numberIn(
  variables: NodeJS.ProcessEnv,
  name: string,
  standard: number,
  least: number,
  most: number,
): number {
  const text = textIn(variables, name);
  if (text === undefined) return standard;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw wrong(name, `is "${text}": give a whole number from ${least} to ${most}`);
}

export function choiceIn<const Choice extends string>(
  variables: NodeJS.ProcessEnv,
  name: string,
  standard: Choice,
  choices: readonly Choice[],
): Choice {
  const text = textIn(variables, name);
  if (text === undefined) return standard;
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw wrong(name, `is "${text}": give one of ${choices.join(', ')}`);
}

/** The value is never shown: a URL may carry a password. */
export function urlIn(
  variables: NodeJS.ProcessEnv,
  name: string,
  protocols: readonly string[],
): string | undefined {
  const text = textIn(variables, name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.hostname !== '' && protocols.includes(url.protocol)) return text;
  const forms = protocols.map((protocol) => `${protocol}//host`).join(', ');
  throw wrong(name, `is no URL that can be used: it must look like ${forms}`);
}

/** The name of a file that can be read. */
export function fileIn(variables: NodeJS.ProcessEnv, name: string): string | undefined {
  const file = textIn(variables, name);
  if (file === undefined) return undefined;
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw wrong(name, `names a file that cannot be read: ${messageOf(error)}`);
  }
  return file;
}

export function wrong(name: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `${name} ${what}.`, { variable: name });
}
