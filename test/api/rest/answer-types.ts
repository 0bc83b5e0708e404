import type { FromSchema, JSONSchema } from 'json-schema-to-ts';
import type { OperationsFile } from '../../../nodes/manager/catalogue/catalogue.js';
import type { ImportReport as OperationImport } from '../../../nodes/manager/catalogue/import/import-report.js';
import type { OPERATION_IMPORT } from '../../../nodes/manager/catalogue/import/import-report-schema.js';
import type { Operation } from '../../../nodes/manager/catalogue/operation.js';
import type { OPERATION, OPERATIONS_FILE } from '../../../nodes/manager/catalogue/operation-schemas.js';
import type { CommandRecord } from '../../../nodes/manager/commands/command.js';
import type { COMMAND_RECORD } from '../../../nodes/manager/commands/command-record.js';
import type { JobStep } from '../../../nodes/manager/jobs/definition/definition.js';
import type { Attempt, Execution, WaitingFor } from '../../../nodes/manager/jobs/execution.js';
import type {
  ATTEMPT,
  EXECUTION,
  EXECUTION_COUNTS,
  WAITING_COUNTS,
} from '../../../nodes/manager/jobs/execution-schemas.js';
import type {
  ExecutionCounts,
  FailureCluster,
  Job,
  JobPreview,
  JobProgress,
} from '../../../nodes/manager/jobs/job.js';
import type {
  FAILURE_CLUSTER,
  JOB,
  JOB_PREVIEW,
  JOB_PROGRESS,
  JOB_STEP,
} from '../../../nodes/manager/jobs/job-schemas.js';
import type { ImportPreview, ImportReport } from '../../../nodes/manager/registry/device.js';
import type {
  IMPORT_PREVIEW,
  IMPORT_REPORT,
  ROTATION_REPORT,
} from '../../../nodes/manager/registry/report-schemas.js';
import type { RotationReport } from '../../../nodes/manager/registry/rotate-many.js';
import type { Fault } from '../../../nodes/manager/shared/fault.js';
import type { FAULT } from '../../../nodes/manager/shared/fault-schema.js';
import type { WithCauses } from '../../../nodes/manager/shared/reason.js';
import type { Installation } from '../../../nodes/manager/updates/install/installation.js';
import type { INSTALLATION } from '../../../nodes/manager/updates/install/installation-record.js';

// Where a type stands beside its schema, both say the same: this file does not compile otherwise.

type Said<Schema> = Schema extends JSONSchema ? FromSchema<Schema, WithCauses> : never;
type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;
type Fits<One, Other> = Mutable<One> extends Mutable<Other> ? true : false;
type Same<Schema, Type> = [
  Fits<Said<Schema>, Type>,
  Fits<Type, Said<Schema>>,
  Exclude<keyof Type, keyof Said<Schema>>,
];

type Agreed<Both extends [true, true, never]> = Both;

export type All = [
  Agreed<Same<typeof COMMAND_RECORD, CommandRecord>>,
  Agreed<Same<typeof FAULT, Fault>>,
  Agreed<Same<typeof INSTALLATION, Installation>>,
  Agreed<Same<typeof OPERATION, Operation>>,
  Agreed<Same<typeof OPERATIONS_FILE, OperationsFile>>,
  Agreed<Same<typeof OPERATION_IMPORT, OperationImport>>,
  Agreed<Same<typeof IMPORT_REPORT, ImportReport>>,
  Agreed<Same<typeof IMPORT_PREVIEW, ImportPreview>>,
  Agreed<Same<typeof ROTATION_REPORT, RotationReport>>,
  Agreed<Same<typeof JOB_STEP, JobStep>>,
  Agreed<Same<typeof JOB, Job>>,
  Agreed<Same<typeof JOB_PREVIEW, JobPreview>>,
  Agreed<Same<typeof FAILURE_CLUSTER, FailureCluster>>,
  Agreed<Same<typeof JOB_PROGRESS, JobProgress>>,
  Agreed<Same<typeof EXECUTION, Execution>>,
  Agreed<Same<typeof EXECUTION_COUNTS, ExecutionCounts>>,
  Agreed<Same<typeof WAITING_COUNTS, Record<WaitingFor, number>>>,
  Agreed<Same<typeof ATTEMPT, Attempt>>,
];
