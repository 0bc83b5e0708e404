import type { OperationSet } from '../../catalogue/operation-set.js';
import type { JobStep } from './definition.js';
import { typicalSeconds } from './durations.js';
import { awaitsRestart } from './leaves-restarting.js';

/** Nothing is begun that takes longer than usual by so much and then ends outside of its window. */
const MARGIN = 1.25;
/** The packages that the newest software of a gateway has as a rule. */
const PACKAGES = 1;

/** How long a window has to stay open for these steps on one gateway, s. */
export function neededSeconds(steps: readonly JobStep[], catalogue: OperationSet): number {
  const usual = steps.reduce(
    (sum, step) => sum + typicalSeconds(step, PACKAGES, awaitsRestart(step, catalogue)),
    0,
  );
  return Math.ceil(usual * MARGIN);
}
