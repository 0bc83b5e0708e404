import { createServer } from 'node:http';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';

// The whole device manager that takes webhooks without a Node-RED in front of it: what remains is what Node-RED's part costs.

const { DATABASE_URL = '', PORT, EMQX_API_URL = '', EMQX_API_KEY = '', EMQX_API_SECRET = '' } = process.env;

async function main(): Promise<void> {
  const manager = await openDeviceManager({
    database: { kind: 'postgresql', url: DATABASE_URL },
    broker: {
      ...{ kind: 'emqx', events: 'webhook' },
      ...{ apiUrl: EMQX_API_URL, apiKey: EMQX_API_KEY, apiSecret: EMQX_API_SECRET },
    },
    instance: 'bare',
    log: { info: () => undefined, warn: (text) => console.error(text) },
  });
  createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      manager.takeWebhook(JSON.parse(text)).then(
        () => response.end('{"status":true}'),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
    });
  }).listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
}

void main();
