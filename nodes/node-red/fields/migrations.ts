import { type FieldFault, type FieldValues, fault } from './field.js';
import type { Migration } from './migration.js';

export type Migrations = Readonly<Record<string, readonly Migration[]>>;

/**
 * The steps of each node type, from version 1 on and each to the next version. Every pack so far stored version 1, so there is
 * none yet; a type whose fields change gets a file of its own here: `migrations/tpe-x.ts`.
 */
export const MIGRATIONS: Migrations = {};

/** What a node has that no form of ours ever saved, such as one in a flow that a program wrote. */
const FIRST = 1;

/** The version that the form of a node type saves today: `version` in its defaults. */
export function newestVersion(type: string, migrations = MIGRATIONS): number {
  return FIRST + (migrations[type]?.length ?? 0);
}

/** The fields that older versions of a node type had, and the newest has no more. */
export function goneFields(type: string, migrations = MIGRATIONS): string[] {
  return [...new Set((migrations[type] ?? []).flatMap(({ gone }) => gone))];
}

/** The newest form of a stored node; null where it has that already, or one that only a newer pack can read. */
export function newestForm(type: string, stored: FieldValues, migrations = MIGRATIONS): FieldValues | null {
  const newest = newestVersion(type, migrations);
  const version = versionOf(stored);
  if (version > newest || stored.version === newest) return null;
  const steps = (migrations[type] ?? []).slice(version - FIRST);
  const form = steps.reduce((old, { gone, next }) => without(next(old), gone), stored);
  return { ...form, version: newest };
}

/** That a newer version of the pack stored the node: its fields may mean something else, so none of them is read. */
export function newerFormFault(
  type: string,
  stored: FieldValues,
  migrations = MIGRATIONS,
): FieldFault | null {
  const version = versionOf(stored);
  const newest = newestVersion(type, migrations);
  return version > newest ? fault('newerForm', { version, newest }) : null;
}

function versionOf({ version }: FieldValues): number {
  const number = Number(version);
  return Number.isSafeInteger(number) && number > FIRST ? number : FIRST;
}

function without(form: FieldValues, names: readonly string[]): FieldValues {
  return Object.fromEntries(Object.entries(form).filter(([name]) => !names.includes(name)));
}
