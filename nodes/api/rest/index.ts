import { ALARM_ROUTES } from './alarm-routes.js';
import { AUDIT_ROUTE } from './audit-route.js';
import { COMMAND_ROUTES } from './command-routes.js';
import { documentRoute } from './document-route.js';
import { EXECUTION_ROUTES } from './execution-routes.js';
import { GATEWAY_ROUTES } from './gateway-routes.js';
import { JOB_ACT_ROUTES } from './job-act-routes.js';
import { JOB_ROUTES } from './job-routes.js';
import { OPERATION_ROUTES } from './operation-routes.js';
import type { Route } from './route.js';
import { SITE_ROUTES } from './site-routes.js';
import { STOP_ROUTES } from './stop-routes.js';
import { TIMELINE_ROUTE } from './timeline-route.js';
import { TOKEN_ROUTES } from './token-routes.js';
import { UPDATE_ROUTES } from './update-routes.js';

/** All REST routes. */
export const ROUTES: readonly Route[] = [
  ...GATEWAY_ROUTES,
  TIMELINE_ROUTE,
  ...COMMAND_ROUTES,
  ...OPERATION_ROUTES,
  ...UPDATE_ROUTES,
  ...JOB_ROUTES,
  ...JOB_ACT_ROUTES,
  ...EXECUTION_ROUTES,
  ...STOP_ROUTES,
  ...SITE_ROUTES,
  ...ALARM_ROUTES,
  ...TOKEN_ROUTES,
  AUDIT_ROUTE,
  documentRoute(() => ROUTES),
];
