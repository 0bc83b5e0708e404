import { createServer } from 'node:net';
import { Aedes } from 'aedes';

// An MQTT broker at PORT that lets everybody do everything, for machines without Mosquitto.

async function main(): Promise<void> {
  const engine = await Aedes.createBroker();
  createServer({ noDelay: true }, (socket) => void engine.handle(socket)).listen(
    Number(process.env.PORT),
    '127.0.0.1',
    () => console.log('listening'),
  );
}

void main();
