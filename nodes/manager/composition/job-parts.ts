import type { Broker } from '../broker/broker.js';
import type { OperationSet } from '../catalogue/operation-set.js';
import type { Schedule } from '../cluster/recurring-tasks.js';
import type { Commands } from '../commands/command.js';
import type { Database } from '../database/database.js';
import type { DeviceManagerOptions } from '../device-manager.js';
import type { Guard } from '../guard/guard.js';
import { JOB_TIMING } from '../jobs/control/timing.js';
import { createJobs, type JobEngine } from '../jobs/create-jobs.js';
import { createPlanner } from '../jobs/definition/create-planner.js';
import { fillIn, fillRequest } from '../jobs/definition/placeholders.js';
import { resolveSecrets } from '../jobs/definition/secrets.js';
import { guardOfJobs } from '../jobs/guard-link.js';
import type { JobNews } from '../jobs/job.js';
import { createRunExecution } from '../jobs/run/create-run-execution.js';
import type { Metrics } from '../metrics/metrics.js';
import { hasBegunSince } from '../presence/own-restarts.js';
import type { Registry } from '../registry/registry.js';
import type { Sites } from '../sites/sites.js';
import type { Installations } from '../updates/install/installation.js';
import type { Updates } from '../updates/scan/updates.js';
import type { Well } from '../well/well.js';

export interface JobPartsOptions {
  options: DeviceManagerOptions;
  database: Database;
  schedule: Schedule;
  broker: Pick<Broker, 'knowsPresence'>;
  registry: Registry;
  catalogue: OperationSet;
  guard: Guard;
  sites: Sites;
  commands: Commands;
  installations: Installations;
  updates: Updates;
  well: Well;
  metrics: Pick<Metrics, 'jobCorrected'>;
  commandTimeoutMs: number;
  /** Whether requests can be sent from here, or by another manager. */
  canSend(): boolean;
  onChange(news: JobNews): void;
  broadcast(id: string): void;
  onFault(text: string): void;
}

/** Creates the engine of jobs with what reads their definitions and what carries them out. */
export function createJobParts(given: JobPartsOptions): JobEngine {
  const { options, database, registry, catalogue, updates } = given;
  const secret = options.jobSecrets ?? (() => undefined);
  const planner = createPlanner({
    registry,
    catalogue,
    updates,
    guard: given.guard,
    sites: given.sites,
    lookUp: secret,
    commandSeconds: Math.ceil(given.commandTimeoutMs / 1000),
  });
  const knowsPresence = () => given.broker.knowsPresence;
  const run = createRunExecution({
    knowsPresence,
    commands: given.commands,
    installations: given.installations,
    updates,
    catalogue,
    registry,
    brokerBeganSince: (at) => hasBegunSince(database, at),
    well: given.well,
    filling: { fillIn, fillRequest, resolveSecrets },
    secret,
  });
  return createJobs({
    database,
    registry,
    planner,
    guard: guardOfJobs(given.guard),
    sites: given.sites,
    run,
    schedule: given.schedule,
    instance: options.instance,
    timing: { ...JOB_TIMING, ...options.jobTiming },
    knowsPresence,
    canSend: given.canSend,
    cancelInstallation: given.installations.cancel,
    onChange: given.onChange,
    broadcast: given.broadcast,
    onCorrected(job, count) {
      given.metrics.jobCorrected(count);
      given.onFault(`Counters of the job ${job} were wrong, and were corrected: ${count}.`);
    },
    onFault: given.onFault,
  });
}
