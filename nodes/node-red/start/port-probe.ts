// A program of its own: `node port-probe.js HOST PORT HOST PORT ...` listens on all of them at once, and prints for each
// the code of the error that it met, or nothing. The settings of Node-RED run synchronously and cannot try themselves.
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
