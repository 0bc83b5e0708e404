import type { ErrorObject } from 'ajv';

const CHOICES = new Set(['anyOf', 'oneOf']);
/**
 * The most errors that are looked at. A list may have a hundred thousand wrong entries, and each choice goes through all errors.
 */
const MAX_ERRORS = 300;

/**
 * Reduces the errors of alternatives (anyOf, oneOf) to those of the branch to which the value comes nearest, since the errors of
 * all other branches tell a person nothing. `isKnown` says which errors count; a branch without such errors fits.
 */
export function nearestFaults(
  errors: readonly ErrorObject[],
  isKnown: (error: ErrorObject) => boolean,
): ErrorObject[] {
  const some = errors.slice(0, MAX_ERRORS);
  let left: ErrorObject[] = [];
  // The error of a choice comes after all errors below it, so this settles inner choices first.
  for (const error of some) {
    if (CHOICES.has(error.keyword)) left = settle(left, error, some, isKnown);
    else if (isKnown(error)) left.push(error);
  }
  return left;
}

function settle(
  left: readonly ErrorObject[],
  choice: ErrorObject,
  errors: readonly ErrorObject[],
  isKnown: (error: ErrorObject) => boolean,
): ErrorObject[] {
  const branchOf = ({ schemaPath, instancePath }: ErrorObject): string | null => {
    const isBelow =
      instancePath === choice.instancePath || instancePath.startsWith(`${choice.instancePath}/`);
    if (!isBelow || !schemaPath.startsWith(`${choice.schemaPath}/`)) return null;
    return schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? null;
  };
  const others: ErrorObject[] = [];
  const faults = new Map<string, ErrorObject[]>();
  for (const error of left) {
    const branch = branchOf(error);
    if (branch === null) others.push(error);
    else if (faults.has(branch)) faults.get(branch)?.push(error);
    else faults.set(branch, [error]);
  }
  const tried = new Set(errors.map(branchOf).filter((branch) => branch !== null));
  // Without errors in the branches, or if more than one branch of a oneOf fits, the choice itself is the fault.
  if (tried.size === 0 || (choice.params as { passingSchemas?: unknown }).passingSchemas) {
    return isKnown(choice) ? [...others, choice] : others;
  }
  const branches = [...tried].map((branch) => faults.get(branch) ?? []);
  const [nearest = []] = branches.sort((a, b) => distance(a, choice) - distance(b, choice));
  return [...others, ...nearest];
}

/** How far a value is from a branch. One of another type is further away than any value of the type that has faults within. */
function distance(errors: readonly ErrorObject[], { instancePath }: ErrorObject): number {
  const isOfAnotherType = errors.some(
    (error) => error.keyword === 'type' && error.instancePath === instancePath,
  );
  return errors.length + (isOfAnotherType ? 1000 : 0);
}
