// The values that fields of nodes, and message properties of the same names, can have.

export const COMMAND_ACTIONS = [
  'send',
  'get',
  'list',
  'cancel',
  'categories',
  'operations',
  'describe',
  'import',
  'export',
  'save',
  'remove',
] as const;
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const REGISTER_ACTIONS = [
  'register',
  'get',
  'list',
  'update',
  'rotate',
  'retire',
  'import',
  'export',
  'refresh',
] as const;
export const FILE_FORMATS = ['csv', 'json'] as const;

export const STATUS_ACTIONS = ['status', 'offline', 'connection', 'counts', 'health'] as const;
export const STATUS_CHANGES = ['changes', 'start', 'offline', 'none'] as const;
/** How long a gateway is offline until tpe-status tells of it, s. */
export const DEFAULT_OFFLINE_S = 300;
export const MAX_OFFLINE_S = 2_592_000;

export const OUTPUT_KINDS = ['all', 'answer', 'telemetry'] as const;
export const OUTPUT_STATES = ['SUCCEEDED', 'FAILED'] as const;
export const OUTPUT_UNSOLICITED = ['all', 'no', 'only'] as const;

export const SCAN_ACTIONS = ['scan', 'stop', 'progress', 'results'] as const;

export const INSTALL_ACTIONS = ['install', 'get', 'list', 'cancel'] as const;
export const INSTALL_PROGRESS = ['own', 'all'] as const;

/** What tpe-job does; `start` records a job and begins it. */
export const JOB_ACTIONS = [
  'start',
  'preview',
  'create',
  'submit',
  'pause',
  'resume',
  'cancel',
  'retry',
  'skip',
  'get',
  'list',
  'waiting',
  'stopAll',
  'liftStop',
] as const;
/** What a job does to each gateway. */
export const JOB_WORKS = ['command', 'install', 'steps'] as const;
/** Which gateways tpe-job tells of as they are done. */
export const JOB_DEVICES = ['none', 'failed', 'all'] as const;
/** What tpe-alarm does about alarms: of its flow, and of all. */
export const ALARM_ACTIONS = ['raise', 'clear', 'acknowledge', 'assign', 'shelve', 'unshelve'] as const;
export const YES_OR_NO = ['true', 'false'] as const;

export const SIMULATOR_FAULTS = [
  'silent',
  'slow',
  'brokenJson',
  'duplicate',
  'wrongId',
  'wrongClock',
  'retained',
  'huge',
  'error',
  'lost',
  'diskFull',
  'badPackage',
  'rollback',
  'hang',
] as const;
export const MAX_VIRTUAL_GATEWAYS = 10_000;
export const MAX_NAME_START_LENGTH = 60;
export const MAX_LATENCY_MS = 3_600_000;
export const MAX_TELEMETRY_PAUSE_S = 86_400;

export const REGISTRIES = ['embedded', 'postgresql', 'auto'] as const;
export const BROKERS = ['embedded', 'mqtt', 'emqx', 'auto'] as const;
export const EVENTS = ['webhook', 'mqtt'] as const;
export const TOPIC_PROFILES = ['tpedm', 'tpe', 'custom'] as const;
export const REST_CHOICES = ['off', 'on'] as const;
export const WITHOUT_SIGN_IN = ['nothing', 'view', 'operate'] as const;
/** How a node handles a filter that matches no gateway. */
export const WHEN_NONE = ['error', 'empty'] as const;
/** Most commands of one message that are in progress at a time. The manager itself sends one at a time to each gateway. */
export const MAX_AT_ONCE = 256;
