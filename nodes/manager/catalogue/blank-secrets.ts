import { foldedName, isSecretName } from '../commands/secret-names.js';
import { redactText } from '../commands/secret-text.js';
import type { Operation } from './catalogue.js';
import { namesOf } from './marked-secrets.js';

/**
 * An operation of the users as it is kept: all who may look at the catalogue see its examples, so that secrets in them become
 * empty, as in a form that is to be filled in.
 */
export function withoutSecrets(operation: Operation): Operation {
  const names = namesOf(operation);
  const { bodyExample, answerExample } = operation;
  return {
    ...operation,
    bodyExample: blanked(bodyExample, names),
    answerExample: blanked(answerExample, names),
  };
}

function blanked(value: unknown, names: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return redactText(value) === value ? value : '';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => blanked(element, names));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const isSecret = isSecretName(name) || names.has(foldedName(name));
      return [name, isSecret ? empty(field) : blanked(field, names)];
    }),
  );
}

function empty(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return [];
  return typeof value === 'object' && value !== null ? {} : value;
}
