import type { Installation, InstallationStep, StepName } from './installation.js';

/** The share of each step in the progress of a package, percent. */
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

/** Returns the percentage of the whole when `done` percent of a step are done. It never falls, and is below 100 until the end. */
export function overallProgress(installation: Installation, name: StepName, done: number): number {
  let share = (SHARES[name] * done) / 100;
  for (const [step, whole] of Object.entries(SHARES)) {
    if (step === name) break;
    share += whole;
  }
  const percent = (100 * installation.package + share) / installation.packages.length;
  return Math.max(installation.progress, Math.min(99, Math.floor(percent)));
}

/** Returns the steps with the last one changed. */
export function withLastStep(
  { steps }: Installation,
  changes: Partial<InstallationStep>,
): InstallationStep[] {
  const step = steps.at(-1);
  return step === undefined ? [] : [...steps.slice(0, -1), { ...step, ...changes }];
}

/** Returns the steps with the last one ended and this one begun; null if the installation is in this step already. */
export function withNewStep(installation: Installation, name: StepName): InstallationStep[] | null {
  const last = installation.steps.at(-1);
  const isOpen = last?.endedAt === null;
  if (isOpen && last.name === name && last.package === installation.package) return null;
  const now = new Date().toISOString();
  const before = isOpen ? withLastStep(installation, { endedAt: now, progress: 100 }) : installation.steps;
  const place = installation.package;
  return [
    ...before,
    { package: place, name, startedAt: now, endedAt: null, detail: null, cause: null, progress: 0 },
  ];
}
