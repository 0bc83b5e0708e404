import type { JobStep } from '../../../manager/jobs/definition/definition.js';
import { t } from './translate.js';

/** The most steps that are named. */
const NAMED = 4;

/**
 * What a step does, in a few words: its name, if somebody gave it one. `nameOf` gives the name of an operation by its id. A step without a
 * name has its kind or its operation as such, which are words for programs.
 */
export function stepInWords(step: JobStep, nameOf: (operation: string) => string): string {
  const request = step.kind === 'command' ? step.command : step.kind === 'readUntil' ? step.condition : null;
  if (step.name !== '' && step.name !== step.kind && step.name !== request?.operation) return step.name;
  switch (step.kind) {
    case 'command': {
      const { operation, method, path } = step.command;
      return operation === undefined ? `${method ?? 'GET'} ${path ?? ''}` : nameOf(operation);
    }
    case 'install':
      return t('install');
    case 'waitOnline':
      return t('waitOnline');
    case 'readUntil':
      return t('readUntil');
  }
}

/** What a job does, in a few words. */
export function whatItDoes(steps: readonly JobStep[], nameOf: (operation: string) => string): string {
  const named = steps.slice(0, NAMED).map((step) => stepInWords(step, nameOf));
  return [...named, ...(steps.length > NAMED ? ['…'] : [])].join(' → ');
}
