import type { Figure } from './figure.js';

interface Part {
  /** What it measures, for people. */
  says: string;
  measure(): Promise<Figure[]>;
}

/** All parts of the bench, in the order in which they run. A part is loaded when it runs: in an older tree, others may not load. */
export const PARTS: Readonly<Record<string, Part>> = {
  intake: {
    says: 'webhooks that are in PostgreSQL when they are answered, against the limit and others',
    measure: async () => (await import('./webhook-intake.js')).benchIntake(),
  },
  workers: {
    says: 'the same by several intake workers',
    measure: async () => (await import('./webhook-intake.js')).benchWorkers(),
  },
  follower: {
    says: 'what each webhook costs another manager on the same database',
    measure: async () => (await import('./follower.js')).benchFollower(),
  },
  storm: {
    says: '5,000 gateways that reconnect at once',
    measure: async () => (await import('./storm.js')).benchStorm(),
  },
  commands: {
    says: 'round trips of commands with 1, 8, 64 and 512 in flight, against the limit',
    measure: async () => (await import('./commands.js')).benchCommands(),
  },
  lists: {
    says: 'pages of 1,000, 10,000 and 100,000 gateways',
    measure: async () => (await import('./lists.js')).benchLists(),
  },
  jobs: {
    says: 'jobs for 10,000 and 100,000 gateways: their creation, what a page of one asks for, claims, memory',
    measure: async () => (await import('./jobs.js')).benchJobs(),
  },
  alarms: {
    says: 'alarms, messages and rows when 10,000 gateways go dark within a minute, and come back',
    measure: async () => (await import('./alarms.js')).benchAlarms(),
  },
  fleet: {
    says: 'an import, a start with 100,000 gateways, memory for each',
    measure: async () => (await import('./fleet.js')).benchFleet(),
  },
  scan: {
    says: 'a scan for updates of 10,000 gateways',
    measure: async () => (await import('./scan.js')).benchScan(),
  },
  beside: {
    says: 'how long webhooks wait beside scans, exports, imports, commands and dashboards, on both databases',
    measure: async () => (await import('./beside.js')).benchBeside(),
  },
  dashboard: {
    says: 'the first page of the dashboard in Chromium',
    measure: async () => (await import('./dashboard-page.js')).benchDashboardPage(),
  },
  virtual: {
    says: 'a thousand virtual gateways that are registered and connect, with database and broker inside',
    measure: async () => (await import('./virtual-gateways.js')).benchVirtualGateways(),
  },
  memory: {
    says: 'memory of Node-RED with 12 gateways',
    measure: async () => (await import('./memory.js')).benchMemory(),
  },
  churn: {
    says: 'four minutes of gateways that come and go; "npm run churn" takes longer',
    measure: async () => (await import('./churn.js')).benchChurn(),
  },
};
