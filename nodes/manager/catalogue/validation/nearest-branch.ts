import type { ErrorObject } from 'ajv';

const CHOICES = new Set(['anyOf', 'oneOf']);
/** A list of a hundred thousand wrong entries has as many errors, and each choice looks at all. */
const MAX_ERRORS = 300;

/**
 * Of the errors of alternatives (anyOf, oneOf) only those of the branch that the value comes nearest to: what is wrong
 * with the others is no news. `isKnown` tells which errors count; a branch that has none of them is fine.
 */
export function nearestFaults(
  errors: readonly ErrorObject[],
  isKnown: (error: ErrorObject) => boolean,
): ErrorObject[] {
  const some = errors.slice(0, MAX_ERRORS);
  let left: ErrorObject[] = [];
  // Inner choices first: ajv tells of a choice after all that lies below it.
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
  // More than one branch of a oneOf fits.
  if (tried.size === 0 || (choice.params as { passingSchemas?: unknown }).passingSchemas) {
    return isKnown(choice) ? [...others, choice] : others;
  }
  const branches = [...tried].map((branch) => faults.get(branch) ?? []);
  const [nearest = []] = branches.sort((a, b) => distance(a, choice) - distance(b, choice));
  return [...others, ...nearest];
}

/** A value of another type altogether is further away than any that has faults within. */
function distance(errors: readonly ErrorObject[], { instancePath }: ErrorObject): number {
  const isOfAnotherType = errors.some(
    (error) => error.keyword === 'type' && error.instancePath === instancePath,
  );
  return errors.length + (isOfAnotherType ? 1000 : 0);
}
