import type { JobStep } from './definition.js';

// How long the steps of a job take on one gateway, in seconds.

const COMMAND_S = 2;
/** Until a gateway that restarts is well again. */
const RESTART_S = 300;
const PACKAGE_S = 1800;
/** What a gateway may take at most until it is well again after a restart. */
const LONGEST_RESTART_S = 1800;
const LONGEST_PACKAGE_S = 3600;
/** The packages of an installation that is not known yet. A plan rarely has more. */
const PACKAGES = 3;

/** What a step takes as a rule. `packages`: how many packages `to: "newest"` installs on the gateway; `isAwaited`: see `awaitsRestart`. */
export function typicalSeconds(step: JobStep, packages: number, isAwaited: boolean): number {
  switch (step.kind) {
    case 'command':
      return (isAwaited ? RESTART_S : COMMAND_S) + (step.verify === null ? 0 : COMMAND_S);
    case 'waitOnline':
      return step.withinSeconds / 2;
    case 'readUntil':
      return (step.condition.withinSeconds ?? 0) / 2;
    case 'install':
      return (step.install.packages?.length ?? packages) * PACKAGE_S;
  }
}

/** What a step takes at most. `commandSeconds`: how long a command may take that does not say. */
export function longestSeconds(step: JobStep, commandSeconds: number): number {
  switch (step.kind) {
    case 'command': {
      const { timeoutSeconds = commandSeconds, untilWell } = step.command;
      // Left out, the operation says whether the gateway restarts, and then it may take as long.
      const restart = untilWell === false ? 0 : LONGEST_RESTART_S;
      return timeoutSeconds + restart + (step.verify?.withinSeconds ?? 0);
    }
    case 'waitOnline':
      return step.withinSeconds + step.settleSeconds;
    case 'readUntil':
      return (step.condition.withinSeconds ?? 0) + commandSeconds;
    case 'install':
      return (step.install.timeoutSeconds ?? LONGEST_PACKAGE_S) * (step.install.packages?.length ?? PACKAGES);
  }
}
