import type { JobStep } from '../../../manager/jobs/definition/definition.js';
import { t } from './translate.js';

/** The most steps that are named. */
const NAMED = 4;

/** What a step does, in a few words. `nameOf` gives the name of an operation by its id. */
export function stepInWords(step: JobStep, nameOf: (operation: string) => string): string {
  if (step.name !== '') return step.name;
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
