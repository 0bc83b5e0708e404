import type { Installation, InstallationStep, StepName } from './installation.js';

/** How much of a package each step is, in 100. */
const SHARES: Record<StepName, number> = {
  precheck: 2,
  create: 1,
  start: 1,
  download: 25,
  install: 55,
  reboot: 4,
  reconnect: 9,
  verify: 3,
};

/** How far the whole has come when `done` of 100 of a step is done: never less than before, and 100 only at its end. */
export function overallProgress(installation: Installation, name: StepName, done: number): number {
  let share = (SHARES[name] * done) / 100;
  for (const [step, whole] of Object.entries(SHARES)) {
    if (step === name) break;
    share += whole;
  }
  const percent = (100 * installation.package + share) / installation.packages.length;
  return Math.max(installation.progress, Math.min(99, Math.floor(percent)));
}

/** The steps with the last one changed. */
export function withLastStep(
  { steps }: Installation,
  changes: Partial<InstallationStep>,
): InstallationStep[] {
  const step = steps.at(-1);
  return step === undefined ? [] : [...steps.slice(0, -1), { ...step, ...changes }];
}

/** The steps with the one before ended, and this one begun; null where the installation is in this step already. */
export function withNewStep(installation: Installation, name: StepName): InstallationStep[] | null {
  const last = installation.steps.at(-1);
  const isOpen = last?.endedAt === null;
  if (isOpen && last.name === name && last.package === installation.package) return null;
  const now = new Date().toISOString();
  const before = isOpen ? withLastStep(installation, { endedAt: now, progress: 100 }) : installation.steps;
  const place = installation.package;
  return [...before, { package: place, name, startedAt: now, endedAt: null, detail: null, progress: 0 }];
}
