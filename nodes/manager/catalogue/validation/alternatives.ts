import { below, type Check, fail, fits, fitsQuietly, type Place, type Rule, undecided } from './check.js';

/** The keywords that combine schemas. */
export const ALTERNATIVES: readonly [string, Rule][] = [
  ['allOf', checkAll],
  ['anyOf', checkAny],
  ['oneOf', checkOne],
  ['not', checkNot],
  ['if', checkIf],
];

function checkAll(check: Check, place: Place, branches: unknown): boolean {
  const outcomes = branchesOf(place, branches, 'allOf').map((branch) => fits(check, branch));
  return !outcomes.includes(false);
}

function checkAny(check: Check, place: Place, branches: unknown): boolean {
  if (!Array.isArray(branches)) return true;
  const before = check.errors.length;
  const isAny = undecided(check, () =>
    branchesOf(place, branches, 'anyOf').some((branch) => fits(check, branch)),
  );
  if (!isAny) return fail(check, place, 'anyOf', {}, 'must match a schema in anyOf');
  check.errors.length = before;
  return true;
}

function checkOne(check: Check, place: Place, branches: unknown): boolean {
  if (!Array.isArray(branches)) return true;
  const before = check.errors.length;
  const passing: number[] = [];
  for (const [index, branch] of branchesOf(place, branches, 'oneOf').entries()) {
    const own = check.errors.length;
    if (!undecided(check, () => fits(check, branch))) continue;
    check.errors.length = own;
    passing.push(index);
    if (passing.length > 1) break;
  }
  if (passing.length === 1) {
    check.errors.length = before;
    return true;
  }
  const passingSchemas = passing.length === 0 ? null : passing;
  return fail(check, place, 'oneOf', { passingSchemas }, 'must match exactly one schema in oneOf');
}

function branchesOf(place: Place, branches: unknown, keyword: string): (Place | null)[] {
  if (!Array.isArray(branches)) return [];
  return branches.map((branch, index) => below(place, branch, `${keyword}/${index}`));
}

function checkNot(check: Check, place: Place, schema: unknown): boolean {
  if (schema !== true) {
    const inner = below(place, schema, 'not');
    if (inner === null || !fitsQuietly(check, inner)) return true;
  }
  return fail(check, place, 'not', {}, 'must NOT be valid');
}

function checkIf(check: Check, place: Place, schema: unknown): boolean {
  const keyword = fitsQuietly(check, below(place, schema, 'if')) ? 'then' : 'else';
  if (fits(check, below(place, place.schema[keyword], keyword))) return true;
  return fail(check, place, 'if', { failingKeyword: keyword }, `must match "${keyword}" schema`);
}
