import { escaped } from '../../shared/json-pointer.js';
import { at, below, type Check, fail, fits, type Place, type Rule, step } from './check.js';
import { isFound } from './found-pattern.js';
import { rulesOfSize } from './sizes.js';
import { isSchema } from './subschemas.js';

/** The keywords for objects. */
export const OBJECT_RULES: readonly [string, Rule][] = [
  ...rulesOfSize('Properties', 'properties', propertiesOf),
  ['required', checkRequired],
  ['properties', checkProperties],
  ['patternProperties', checkPatternProperties],
  ['additionalProperties', checkAdditional],
  ['propertyNames', checkNames],
  ['dependencies', checkDependencies],
];

function propertiesOf(check: Check, value: unknown): number | null {
  return isSchema(value) ? namesOf(check, value).length : null;
}

function checkRequired(check: Check, place: Place, names: unknown): boolean {
  if (!isSchema(place.value) || !Array.isArray(names)) return true;
  const missing = missingOf(check, place.value, names);
  for (const name of missing) {
    fail(check, place, 'required', { missingProperty: name }, `must have required property '${name}'`);
  }
  return missing.length === 0;
}

function missingOf(check: Check, value: object, names: readonly unknown[]): string[] {
  step(check, names.length);
  return names.filter(
    (name): name is string => typeof name === 'string' && fieldOf(value, name) === undefined,
  );
}

function checkProperties(check: Check, place: Place, properties: unknown): boolean {
  const { value } = place;
  if (!isSchema(value) || !isSchema(properties)) return true;
  let valid = true;
  for (const [name, schema] of Object.entries(properties)) {
    step(check);
    const field = fieldOf(value, name);
    if (field === undefined) continue;
    const inner = below(place, schema, `properties/${escaped(name)}`);
    if (!fits(check, at(inner, field, name))) valid = false;
  }
  return valid;
}

function checkPatternProperties(check: Check, place: Place, given: unknown): boolean {
  const { value } = place;
  if (!isSchema(value) || !isSchema(given)) return true;
  let valid = true;
  for (const [pattern, schema] of Object.entries(given)) {
    const inner = below(place, schema, `patternProperties/${escaped(pattern)}`);
    for (const name of namesOf(check, value)) {
      if (!isFound(check, place.schema, pattern, name)) continue;
      if (!fits(check, at(inner, value[name], name))) valid = false;
    }
  }
  return valid;
}

function checkAdditional(check: Check, place: Place, given: unknown): boolean {
  const { value, schema } = place;
  const inner = given === false ? null : below(place, given, 'additionalProperties');
  if (!isSchema(value) || (inner === null && given !== false)) return true;
  const named = isSchema(schema.properties) ? schema.properties : {};
  const patterned = Object.keys(isSchema(schema.patternProperties) ? schema.patternProperties : {});
  let valid = true;
  for (const name of namesOf(check, value)) {
    if (Object.hasOwn(named, name)) continue;
    if (patterned.some((pattern) => isFound(check, schema, pattern, name))) continue;
    const params = { additionalProperty: name };
    if (inner !== null) valid = fits(check, at(inner, value[name], name)) && valid;
    else valid = fail(check, place, 'additionalProperties', params, 'must NOT have additional properties');
  }
  return valid;
}

function checkNames(check: Check, place: Place, schema: unknown): boolean {
  const inner = below(place, schema, 'propertyNames');
  if (!isSchema(place.value) || inner === null) return true;
  let valid = true;
  for (const name of namesOf(check, place.value)) {
    if (fits(check, { ...inner, value: name })) continue;
    valid = fail(check, place, 'propertyNames', { propertyName: name }, 'property name must be valid');
  }
  return valid;
}

function checkDependencies(check: Check, place: Place, dependencies: unknown): boolean {
  if (!isSchema(place.value) || !isSchema(dependencies)) return true;
  let valid = true;
  for (const [name, needs] of Object.entries(dependencies)) {
    step(check);
    if (fieldOf(place.value, name) === undefined) continue;
    const holds = Array.isArray(needs)
      ? checkNeeds(check, place, name, needs)
      : fits(check, below(place, needs, `dependencies/${escaped(name)}`));
    valid = holds && valid;
  }
  return valid;
}

function checkNeeds(check: Check, place: Place, property: string, needs: readonly unknown[]): boolean {
  const missing = missingOf(check, place.value as object, needs);
  const deps = needs.join(', ');
  const nouns = needs.length === 1 ? 'property' : 'properties';
  for (const missingProperty of missing) {
    const params = { property, missingProperty, depsCount: needs.length, deps };
    fail(
      check,
      place,
      'dependencies',
      params,
      `must have ${nouns} ${deps} when property ${property} is present`,
    );
  }
  return missing.length === 0;
}

function namesOf(check: Check, value: object): string[] {
  const names = Object.keys(value);
  step(check, names.length);
  return names;
}

/** The value of a field as JSON has it: undefined where the field is missing or inherited. */
function fieldOf(value: unknown, name: string): unknown {
  return Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined;
}
