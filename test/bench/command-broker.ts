import { isInstalled, LOGIN, openMosquitto } from '../manager/broker/mosquitto-rig.js';
import { freePort } from '../support/free-port.js';
import { startScript } from './load.js';

/** A broker in a process of its own; `environment` is what scripts need to reach it. */
export interface CommandBroker {
  name: string;
  environment: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** Starts Mosquitto where it is installed, else aedes, of which the embedded broker is made. */
export async function openCommandBroker(): Promise<CommandBroker> {
  const login = { USERNAME: LOGIN.username, PASSWORD: LOGIN.password };
  if (isInstalled()) {
    const { url, close } = await openMosquitto();
    return { name: 'Mosquitto', environment: { ...login, URL: url, SHARED_GROUP: 'bench' }, close };
  }
  const port = await freePort();
  const { close } = await startScript('bare-broker.js', { PORT: String(port) });
  return { name: 'aedes', environment: { ...login, URL: `mqtt://127.0.0.1:${port}` }, close };
}
