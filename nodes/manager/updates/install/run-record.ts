import type { Reason } from '../../shared/reason.js';
import { TpeError } from '../../shared/tpe-error.js';
import { unlessClosed } from '../../shared/unless-closed.js';
import type { SoftwarePackage } from '../software-package.js';
import { newWork, type Work } from './checkpoint.js';
import type { Installation, StepName } from './installation.js';
import type { InstallationOutcome } from './installation-outcome.js';
import type { InstallationStore, OpenInstallation } from './installation-store.js';
import { overallProgress, withLastStep, withNewStep } from './step-progress.js';

export interface RunRecordOptions {
  store: Pick<InstallationStore, 'save'>;
  /** Called with each change once it is saved. */
  onChange(installation: Installation): void;
  /** Aborted when the manager closes. */
  signal: AbortSignal;
}

/**
 * The record of one installation that this manager carries out. A change is saved before it is reported. Each method that saves rejects
 * with CLOSED when the manager closes, or if another manager has taken over the installation.
 */
export interface RunRecord {
  /** What another manager needs to continue. Callers that change it must also call `save`. */
  readonly work: Work;
  installation(): Installation;
  software(): SoftwarePackage;
  /** Who asked to cancel the installation; null if nobody did. */
  cancelRequestedBy(): string | null;
  noteCancel(by: string): void;
  /** Ends the step before, begins this one and saves. Does nothing if this step has begun already. */
  enter(step: StepName): Promise<void>;
  /** Saves how far the step has come, 0..100, and what goes on. */
  progress(progress: number, detail: Reason | null): Promise<void>;
  /** Changes the record and saves it. */
  change(change: Partial<Installation>): Promise<void>;
  save(): Promise<void>;
  /** Ends a package and goes on to the next one; `skipped`: the gateway had it already. After the last package, only `end` saves. */
  nextPackage(skipped: boolean): Promise<void>;
  /** Writes the end of the installation. */
  end(outcome: InstallationOutcome): Promise<void>;
}

/** Creates the record. `resumedAt` is when this manager began the installation or continued it, ms since the epoch. */
export function createRunRecord(
  { store, onChange, signal }: RunRecordOptions,
  open: OpenInstallation,
  resumedAt: number,
): RunRecord {
  const work: Work = { ...newWork(resumedAt, 0), ...open.work };
  let { installation } = open;
  let { cancelRequestedBy } = installation;

  async function save(): Promise<void> {
    installation = { ...installation, updatedAt: new Date().toISOString() };
    const saved = await unlessClosed(signal, store.save({ installation, work }));
    if (saved === null) throw new TpeError('CLOSED', 'Another device manager has this installation.');
    if (saved.cancelRequestedBy !== null) noteCancel(saved.cancelRequestedBy);
    onChange(installation);
  }

  function noteCancel(by: string): void {
    cancelRequestedBy ??= by;
    installation = { ...installation, cancelRequestedBy };
  }

  async function change(changes: Partial<Installation>): Promise<void> {
    installation = { ...installation, ...changes };
    await save();
  }

  return {
    work,
    installation: () => installation,
    software: () => installation.packages[installation.package]!,
    cancelRequestedBy: () => cancelRequestedBy,
    noteCancel,
    change,
    save,
    async enter(name) {
      const steps = withNewStep(installation, name);
      if (steps !== null)
        await change({ step: name, steps, progress: overallProgress(installation, name, 0) });
    },
    async progress(done, detail) {
      const step = installation.steps.at(-1);
      if (step === undefined) return;
      const next = Math.max(step.progress, done);
      const { text, cause } = detail ?? { text: null, cause: null };
      if (step.progress === next && step.detail === text) return;
      const steps = withLastStep(installation, { progress: next, detail: text, cause });
      await change({ steps, progress: overallProgress(installation, step.name, next) });
    },
    async nextPackage(skipped) {
      const now = new Date().toISOString();
      Object.assign(work, newWork(Date.now(), work.skipped + (skipped ? 1 : 0)));
      const steps = withLastStep(installation, { endedAt: now, progress: 100 });
      const index = installation.package + 1;
      if (index === installation.packages.length) installation = { ...installation, steps };
      else await change({ steps, package: index, step: null });
    },
    async end({ state, code, reason }) {
      const now = new Date().toISOString();
      const isDone = state === 'SUCCEEDED' || state === 'ALREADY_INSTALLED';
      const isInStep = installation.steps.at(-1)?.endedAt === null;
      await change({
        state,
        reason: reason?.text ?? null,
        cause: reason?.cause ?? null,
        reasonCode: code,
        step: null,
        steps: isInStep ? withLastStep(installation, { endedAt: now }) : installation.steps,
        progress: isDone ? 100 : installation.progress,
        endedAt: now,
      });
    },
  };
}
