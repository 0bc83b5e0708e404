import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { NodeAPI, NodeDef } from 'node-red';
import { checkOptions } from '../manager/composition/check-options.js';
import { openDeviceManager } from '../manager/composition/open-device-manager.js';
import type { DeviceManager, DeviceManagerOptions } from '../manager/device-manager.js';
import { makePrivate } from '../manager/shared/private-folder.js';
import { asTpeError, type TpeError } from '../manager/shared/tpe-error.js';
import { postRoute } from '../node-red/editor-api/admin-routes.js';
import { serveProcedures } from '../node-red/editor-api/procedure-routes.js';
import { CLOSED, type DashboardAccess, readDashboardAccess } from '../node-red/fields/dashboard-access.js';
import { standInFront } from '../node-red/front/front.js';
import { METRICS_PATH, metricsRoute, showMetrics } from '../node-red/http/metrics-route.js';
import { restRoute } from '../node-red/http/rest-route.js';
import { webhookRoute } from '../node-red/http/webhook-route.js';
import { newerFormError } from '../node-red/runtime/check-fields.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { accessStatus, faultStatusText } from '../node-red/runtime/node-status.js';
import { chosenTls } from '../node-red/server/chosen-tls.js';
import { readTestRequest } from '../node-red/server/connection-test.js';
import { givenBy } from '../node-red/server/given.js';
import {
  type ServerConfig,
  type ServerCredentials,
  type ServerDefaults,
  serverOptions,
} from '../node-red/server/options.js';
import { serveRoutes } from '../node-red/server/served-routes.js';
import { findServer, makeServerNode, type ServerNode } from '../node-red/server/server-node.js';
import { type LoadedSettings, serverSettings } from '../node-red/server/settings.js';

export = (RED: NodeAPI) => {
  const { flow } = serverSettings(RED);
  flow?.update(RED.settings as unknown as LoadedSettings, RED.log);

  /** A folder only for this pack, because other software may use the user directory. */
  const ownFolder = join(RED.settings.userDir ?? process.cwd(), 'tpedm');

  const defaultsOf = (id: string): ServerDefaults => ({
    dataFolder: process.env.TPE_DATA_DIR || ownFolder,
    instance: `${instanceId() ?? hostname()}/${id}`,
    tls: (chosen, label) => chosenTls(RED, chosen, label),
    ...serverSettings(RED),
  });

  /** Node-RED generates this id at its first start and keeps it in its user directory. */
  const instanceId = (): string | undefined =>
    RED.settings.available() ? (RED.settings.get('instanceId') as string | undefined) : undefined;

  /** Opens a manager. Until it is closed, its people can sign in and its metrics are served. */
  const openShown = async (
    { id, name }: ServerNode,
    options: DeviceManagerOptions,
  ): Promise<DeviceManager> => {
    closeOwnFolder(ownFolder, options);
    const manager = await openDeviceManager(options);
    const releasePeople = serverSettings(RED).attachPeople?.(manager);
    const hideMetrics = showMetrics(id, name || id, manager);
    return {
      ...manager,
      close() {
        releasePeople?.();
        hideMetrics();
        return manager.close();
      },
    };
  };

  function TpeServer(this: ServerNode, config: NodeDef & ServerConfig) {
    createNode(RED, this, config);
    const newer = newerFormError(this.type, { ...config });
    if (newer !== null) return refuse(RED, this, newer);
    const log = { info: (text: string) => this.log(text), warn: (text: string) => this.warn(text) };
    makeServerNode(
      this,
      () => ({
        ...serverOptions(config, this.credentials, defaultsOf(this.id)),
        flowNews: () => flow?.news() ?? null,
        jobSecrets: serverSettings(RED).jobSecrets,
        log,
      }),
      (options) => openShown(this, options),
    );
    this.dashboardAccess = accessOf(this, config);
    if (this.dashboardAccess !== null) this.status(accessStatus(this.dashboardAccess));
    serveRoutes(RED, this, config, defaultsOf(this.id));
  }

  /** The roles on the dashboard; null if the login of this pack guards it. If the fields are faulty, nobody has access. */
  function accessOf(node: ServerNode, config: ServerConfig): DashboardAccess | null {
    if (serverSettings(RED).attachPeople !== undefined) return null;
    try {
      return readDashboardAccess(config);
    } catch (error) {
      node.error(asTpeError(error));
      return CLOSED;
    }
  }

  RED.nodes.registerType<ServerNode, NodeDef & ServerConfig, unknown, ServerCredentials>(
    'tpe-server',
    TpeServer,
    {
      credentials: {
        databaseUrl: { type: 'password' },
        username: { type: 'text' },
        password: { type: 'password' },
        apiKey: { type: 'password' },
        apiSecret: { type: 'password' },
        webhookSecret: { type: 'password' },
      },
      // With these names the editor knows which fields may be blank. The values themselves never go to the editor.
      settings: {
        tpeServerGiven: { value: givenBy(serverSettings(RED)), exportable: true },
        tpeServerFlowNews: { value: flow?.news() ?? null, exportable: true },
      },
    },
  );

  // If Node-RED has its own HTTP server, `standInFront` takes webhooks and REST calls before the routes below see them.
  standInFront(RED);
  RED.httpNode.use(webhookRoute);
  RED.httpNode.use(restRoute);
  RED.httpNode.get(
    METRICS_PATH,
    metricsRoute(() => serverSettings(RED).isMetricsToken),
  );

  serveProcedures(RED);

  // The Test button checks the values of the form, even if they are not deployed yet.
  postRoute(RED, '/tpe-server/test', 'tpe-server.write', async (body) => {
    const { id, config, credentials } = readTestRequest(RED, body);
    const running = findServer(RED, id)?.openOptions() ?? null;
    return checkOptions(serverOptions(config, credentials, defaultsOf(id)), running);
  });
};

/**
 * Sets up a server whose fields must not be read. The nodes that use it show the error, and a dashboard without the login of this pack
 * gives nobody access.
 */
function refuse(RED: NodeAPI, node: ServerNode, error: TpeError): void {
  makeServerNode(
    node,
    () => {
      throw error;
    },
    openDeviceManager,
  );
  node.dashboardAccess = serverSettings(RED).attachPeople === undefined ? CLOSED : null;
  node.status({ fill: 'red', shape: 'ring', text: faultStatusText(node.type, error) });
  node.error(error);
}

/** Makes the folder private, because older versions of the pack left it open to other users of the machine. */
function closeOwnFolder(ownFolder: string, { database, log }: DeviceManagerOptions): void {
  if (database.kind !== 'embedded' || dirname(database.folder) !== ownFolder) return;
  if (!existsSync(ownFolder)) return;
  const warning = makePrivate(ownFolder);
  if (warning !== null) log.warn(warning);
}
