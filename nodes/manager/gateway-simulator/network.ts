import type { GatewayIdentity } from './identity.js';
import { isJson } from './merge.js';
import { type Json, templateOf } from './resource-templates.js';
import type { Resources } from './resources.js';
import type { ApiAnswer } from './wire.js';

// The settings of the network whose answers say more, or by other names, than what is written to them: a virtual gateway tells what it was
// given, so that a person can try what a change does.

/** The interfaces of a new gateway. Each gateway has addresses of its own, as those of a real site have. */
export function ethernetsOf({ serialNumber }: Pick<GatewayIdentity, 'serialNumber'>): Json[] {
  const initial = (templateOf('/device/ethernets')?.initial ?? []) as Json[];
  const host = 10 + (Number(serialNumber.slice(-4)) % 240);
  const last = host.toString(16).padStart(2, '0');
  return initial.map((one, index) => ({
    ...one,
    ip: `192.168.${3 + index}.${host}`,
    mac: `00:90:e8:12:3${index}:${last}`,
  }));
}

/** Changes an interface, whose answer names the network of its address. */
export function changeEthernet(
  resources: Resources,
  body: unknown,
  method: string,
  fullPath: string,
): ApiAnswer {
  const answer = resources.handle(method, fullPath, body);
  const data = isJson(answer.payload) ? answer.payload.data : undefined;
  if (answer.status !== 200 || !isJson(data)) return answer;
  const own = networkOf(String(data.ip), String(data.netmask));
  return own === null ? answer : resources.handle(method, fullPath, own);
}

/** Sets the DNS servers, which are read as a list. */
export function changeDns(resources: Resources, body: unknown, method: string, fullPath: string): ApiAnswer {
  const answer = resources.handle(method, fullPath, body);
  if (answer.status !== 200 || !isJson(body)) return answer;
  const servers = [body.primary, body.secondary].filter((one) => typeof one === 'string' && one !== '');
  resources.write('/device/dns', body.enable === false ? [] : servers);
  return answer;
}

/** Changes the SSH server, whose answer to GET has other names. */
export function changeSsh(resources: Resources, body: unknown, method: string, fullPath: string): ApiAnswer {
  if (!isJson(body)) return resources.handle(method, fullPath, body);
  const before = resources.read('/system/sshserver') as Json;
  const answer = resources.handle(method, fullPath, body);
  if (answer.status !== 200) return answer;
  const { enable = before.sshEnable, port = before.sshPort } = body;
  resources.write('/system/sshserver', { ...before, sshEnable: enable, sshPort: port });
  return { ...answer, payload: { data: { enable, port } } };
}

function networkOf(ip: string, netmask: string): Json | null {
  const [address, mask] = [ip, netmask].map((text) => text.split('.').map(Number));
  if (address?.length !== 4 || mask?.length !== 4 || [...address, ...mask].some(Number.isNaN)) return null;
  return {
    subnet: address.map((part, place) => part & mask[place]!).join('.'),
    broadcast: address.map((part, place) => part | (255 - mask[place]!)).join('.'),
  };
}
