import { PERSONAL_TOKEN } from '../../manager/accounts/personal-token.js';
import { ALARM } from '../../manager/alarms/alarm.js';
import { ALARM_RULE } from '../../manager/alarms/alarm-rule.js';
import { AUDIT_ENTRY } from '../../manager/audit/audit-entry.js';
import { BROKER_CLIENT } from '../../manager/broker/broker.js';
import { CATEGORY_ROW, OPERATION_ROW } from '../../manager/catalogue/catalogue.js';
import { OPERATION, OPERATIONS_FILE } from '../../manager/catalogue/operation-schemas.js';
import { COMMAND_RECORD } from '../../manager/commands/command-record.js';
import { HOLD, LIMIT, STOP } from '../../manager/guard/guard.js';
import { JOB_DEFINITION } from '../../manager/jobs/definition/definition.js';
import { ATTEMPT, EXECUTION } from '../../manager/jobs/execution-schemas.js';
import {
  FAILURE_CLUSTER,
  JOB,
  JOB_PACE,
  JOB_PREVIEW,
  JOB_STEP,
  LISTED_JOB,
} from '../../manager/jobs/job-schemas.js';
import { CREDENTIAL } from '../../manager/registry/device.js';
import { DEVICE_FILTER } from '../../manager/registry/device-filter.js';
import { REGISTRATION } from '../../manager/registry/device-schemas.js';
import { ROTATION_REPORT, TOLD_PREVIEW, TOLD_REPORT } from '../../manager/registry/report-schemas.js';
import { FAULT } from '../../manager/shared/fault-schema.js';
import { RESTART, TIMELINE_ENTRY } from '../../manager/timeline/timeline.js';
import { INSTALLATION } from '../../manager/updates/install/installation-record.js';
import { CANDIDATE } from '../../manager/updates/scan/candidate.js';
import { DEVICE_UPDATE, SCAN_PROGRESS } from '../../manager/updates/scan/updates.js';
import { SOFTWARE_PACKAGE } from '../../manager/updates/software-package.js';
import { LISTED_COMMAND } from '../listed-command.js';
import { COMMAND_REQUEST } from './command-routes.js';
import { DEVICE_ROW } from './device-row.js';

// The schemas that have a name in the OpenAPI document and in the clients that are generated from it.

/** Schemas of what callers send. */
export const TAKEN_SCHEMAS: Readonly<Record<string, object>> = {
  GatewayFilter: DEVICE_FILTER,
  Registration: REGISTRATION,
  CommandRequest: COMMAND_REQUEST,
  JobDefinition: JOB_DEFINITION,
};

/** Schemas of what callers receive. */
export const GIVEN_SCHEMAS: Readonly<Record<string, object>> = {
  Gateway: DEVICE_ROW,
  Credential: CREDENTIAL,
  RotationReport: ROTATION_REPORT,
  GatewayImport: TOLD_REPORT,
  GatewayImportPreview: TOLD_PREVIEW,
  Connection: BROKER_CLIENT,
  Command: COMMAND_RECORD,
  ListedCommand: LISTED_COMMAND,
  Fault: FAULT,
  Category: CATEGORY_ROW,
  OperationRow: OPERATION_ROW,
  Operation: OPERATION,
  OperationsFile: OPERATIONS_FILE,
  Scan: SCAN_PROGRESS,
  Update: DEVICE_UPDATE,
  UpdateCandidate: CANDIDATE,
  SoftwarePackage: SOFTWARE_PACKAGE,
  Installation: INSTALLATION,
  PersonalToken: PERSONAL_TOKEN,
  Job: JOB,
  ListedJob: LISTED_JOB,
  JobStep: JOB_STEP,
  JobPace: JOB_PACE,
  JobPreview: JOB_PREVIEW,
  Execution: EXECUTION,
  Attempt: ATTEMPT,
  JobFailures: FAILURE_CLUSTER,
  Stop: STOP,
  Slot: HOLD,
  Limit: LIMIT,
  Alarm: ALARM,
  AlarmRule: ALARM_RULE,
  TimelineEntry: TIMELINE_ENTRY,
  Restart: RESTART,
  AuditEntry: AUDIT_ENTRY,
};
