// A separate program: `node port-probe.js HOST PORT HOST PORT ...` listens on all these ports together, and prints a line for each with the
// code of its error, or an empty line. The settings of Node-RED run synchronously, so they cannot try the ports themselves.
import { createServer } from 'node:net';

async function probe(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => resolve(''));
  });
}

async function main(words: string[]): Promise<void> {
  const answers: string[] = [];
  for (let index = 0; index < words.length; index += 2) {
    answers.push(await probe(words[index] ?? '', Number(words[index + 1])));
  }
  process.stdout.write(answers.join('\n'), () => process.exit(0));
}

void main(process.argv.slice(2));
