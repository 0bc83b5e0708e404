import type { MqttSettings } from '../../broker/gateway-settings.js';
import type { Separator } from '../../shared/files/csv-records.js';
import { csvPart, guardFormula } from '../../shared/files/csv-writer.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Credential } from '../device.js';
import { writeCell } from './file-cell.js';
import { PASSWORD_COLUMNS } from './file-columns.js';

const ROWS_AT_ONCE = 500;

/**
 * Writes a CSV file with the settings that a person enters on the MQTT page of each gateway. Import can read it too. It is one text and not
 * a list, since a list of 90,000 entries takes long to send.
 */
export async function passwordFile(
  credentials: readonly Credential[],
  settings: MqttSettings,
  separator?: Separator,
): Promise<string> {
  const parts: string[] = [];
  for (let start = 0; start < credentials.length || start === 0; start += ROWS_AT_ONCE) {
    const rows = credentials
      .slice(start, start + ROWS_AT_ONCE)
      .map((credential) => cellsOf(credential, settings));
    parts.push(csvPart({ rows, header: start === 0 ? PASSWORD_COLUMNS : undefined, separator }));
    await yieldToEventLoop();
  }
  return parts.join('');
}

function cellsOf({ clientid, username, password }: Credential, settings: MqttSettings): string[] {
  const { host, port, tls, inputTopic, outputTopic } = settings;
  const values: Record<(typeof PASSWORD_COLUMNS)[number], string> = {
    clientid: writeCell('clientid', clientid),
    username: writeCell('username', username),
    password,
    host: guardFormula(host ?? 'the address of the broker, as the gateway reaches it'),
    port: port === null ? 'as the broker has it' : String(port),
    tls: tls ? 'on' : 'off',
    caCertificate: tls ? "the CA that signed the broker's certificate (none where it is a public one)" : '',
    mqttVersion: '3.1.1',
    requestTopic: guardFormula(inputTopic(clientid)),
    responseTopic: guardFormula(outputTopic(clientid)),
    qos: '1',
    retain: 'off',
  };
  return PASSWORD_COLUMNS.map((column) => values[column]);
}
