import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { SECRET_VARIABLES } from '../../nodes/node-red/runtime/variables.js';
import { DOCKER, dockerFile } from '../support/docker-files.js';
import { copyOfStack, secretOf, stackWithSecrets } from '../support/docker-stack.js';
import { PROJECT_ROOT, temporaryFolder } from '../support/node-red-process.js';
import { skipWithout } from '../support/programs.js';

interface Service {
  image: string;
  ports?: (string | { published: number; target: number })[];
  volumes?: string[];
  networks: Record<string, unknown>;
  environment?: Record<string, string>;
  restart?: string;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  logging?: { options?: Record<string, string> };
  healthcheck?: { test: string[] };
  user?: string;
  read_only?: boolean;
}
interface Stack {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
}

/** What Compose makes of the files, with everything filled in. */
function configOf(stack: string, ...files: string[]): Stack {
  const words = ['compose.yaml', ...files].flatMap((file) => ['-f', file]);
  return parse(
    execFileSync('docker-compose', [...words, 'config'], { cwd: stack, stdio: 'pipe', encoding: 'utf8' }),
  ) as Stack;
}

function publishedPorts(stack: Stack): number[] {
  return Object.values(stack.services)
    .flatMap((service) => service.ports ?? [])
    .map((port) => (typeof port === 'string' ? Number(port.split(':').at(-2)) : port.published))
    .toSorted((one, other) => one - other);
}

/** Come from somebody else, or are there for a while alone. */
const NOT_MADE: readonly string[] = ['TPE_OIDC_CLIENT_SECRET', 'TPE_WEBHOOK_SECRET_PREVIOUS'];

describe('docker: compose files', () => {
  const VARIANTS = [[], ['compose.plain-mqtt.yaml'], ['compose.emqx-4.4.yaml']];

  before(function () {
    skipWithout(this, 'docker-compose');
    skipWithout(this, 'openssl');
  });

  it('publish 80, 443 and 8883, and 1883 only when asked', () => {
    expect(publishedPorts(configOf(stackWithSecrets()))).to.deep.equal([80, 443, 8883]);
    expect(publishedPorts(configOf(stackWithSecrets(), 'compose.emqx-4.4.yaml'))).to.deep.equal([
      80, 443, 8883,
    ]);
    expect(publishedPorts(configOf(stackWithSecrets(), 'compose.plain-mqtt.yaml'))).to.deep.equal(
      [80, 443, 1883, 8883].toSorted((one, other) => one - other),
    );
  });

  it('do not start without secrets, and say which script makes them', () => {
    const { status, stderr } = spawnSync('docker-compose', ['-f', 'compose.yaml', 'config'], {
      cwd: copyOfStack(),
      encoding: 'utf8',
    });
    expect(status).not.to.equal(0);
    expect(stderr).to.match(/make-secrets\.sh/);
  });

  for (const files of VARIANTS) {
    describe(['compose.yaml', ...files].join(' and '), () => {
      let stack: Stack;
      before(() => {
        stack = configOf(stackWithSecrets(), ...files);
      });

      it('name every image with its version', () => {
        for (const [name, { image }] of Object.entries(stack.services)) {
          if (name === 'node-red') continue;
          expect(image, name).to.match(/^[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
        }
      });

      it('start again by themselves, keep their logs short, and have as few rights and as little memory as they need', () => {
        for (const [name, service] of Object.entries(stack.services)) {
          expect(service.restart, name).to.equal('unless-stopped');
          expect(service.cap_drop, name).to.deep.equal(['ALL']);
          expect(service.security_opt, name).to.deep.equal(['no-new-privileges:true']);
          expect(service.logging?.options, name).to.have.keys('max-size', 'max-file');
          expect(service.mem_limit, name).to.match(/^\d+[mg]$/);
        }
        for (const name of ['postgres', 'node-red', 'nginx']) {
          expect(stack.services[name]!.read_only, name).to.equal(true);
        }
        for (const name of ['postgres', 'emqx', 'nginx']) {
          expect(stack.services[name]!.healthcheck, name).to.have.property('test');
        }
      });

      it('let out only who publishes a port or has to', () => {
        const isOpen = (network: string) => stack.networks[network]?.internal !== true;
        const open = Object.entries(stack.services).map(([name, { networks }]) => [
          name,
          Object.keys(networks).filter(isOpen),
        ]);
        expect(Object.fromEntries(open)).to.deep.equal({
          postgres: [],
          'node-red': ['outside'],
          emqx: ['gateways'],
          nginx: ['front'],
        });
        const reach = (name: string) => Object.keys(stack.services[name]!.networks);
        expect(reach('nginx')).not.to.include.members(['data']).and.not.to.include.members(['broker']);
      });

      it('mount files that are there, and nothing that may be written but volumes', () => {
        for (const [name, { volumes = [] }] of Object.entries(stack.services)) {
          for (const volume of volumes) {
            const [source = '', , mode] = volume.split(':');
            if (!source.startsWith('/')) expect(stack.volumes, volume).to.have.property(source);
            else expect([existsSync(source), mode], `${name}: ${volume}`).to.deep.equal([true, 'ro']);
          }
        }
      });

      it('give Node-RED all that it needs to reach the others', () => {
        const { environment = {}, networks } = stack.services['node-red']!;
        expect(environment).to.include({
          TPE_HOST: '0.0.0.0',
          TPE_BROKER: 'emqx',
          TPE_MQTT_URL: 'mqtt://emqx:1883',
          TPE_MQTT_USERNAME: 'tpedm-manager',
          TPE_TRUST_PROXY: 'uniquelocal',
        });
        expect(environment.EMQX_API_URL).to.equal(
          files.includes('compose.emqx-4.4.yaml') ? 'http://emqx:8081' : 'http://emqx:18083',
        );
        const plugin = dockerFile('emqx-4.4/plugins/emqx_web_hook.conf.template');
        const [, encoding] = /encoding_of_payload_field = (\w+)/.exec(plugin) ?? [];
        expect(environment.TPE_WEBHOOK_PAYLOADS).to.equal(
          files.includes('compose.emqx-4.4.yaml') ? encoding : undefined,
        );
        expect(networks.broker).to.deep.equal({ aliases: ['intake'] });
      });

      it('give Node-RED its secrets as files, each of them, and none in the environment', () => {
        const made = stackWithSecrets();
        const { environment = {}, volumes = [] } = stack.services['node-red']!;
        const folder = volumes.find((volume) => volume.endsWith(':/run/secrets/tpedm:ro'))?.split(':')[0];
        for (const name of SECRET_VARIABLES) {
          expect(environment, name).not.to.have.property(name);
          if (NOT_MADE.includes(name)) continue;
          const value =
            name === 'DATABASE_URL'
              ? `postgresql://tpedm:${secretOf(made, 'TPEDM_DB_PASSWORD')}@postgres:5432/tpedm`
              : secretOf(made, name);
          expect(environment[`${name}_FILE`]).to.equal(`/run/secrets/tpedm/${name}`);
          expect(readFileSync(join(folder!, name), 'utf8'), name).to.equal(`${value}\n`);
          expect(Object.values(environment), name).not.to.include(value);
        }
        // Nobody has given one.
        for (const name of NOT_MADE) expect(environment[`${name}_FILE`]).to.equal('');
      });
    });
  }

  it('put every file where the configuration of EMQX looks for it', () => {
    const targets = (...files: string[]) =>
      configOf(stackWithSecrets(), ...files).services.emqx!.volumes!.map((volume) => volume.split(':')[1]);
    const wanted = dockerFile('emqx/base.hocon.template').match(/\/opt\/emqx\/etc\/tpedm\/[\w.]+/g) ?? [];
    expect(wanted.length).to.be.greaterThan(5);
    expect(targets()).to.include.members(wanted);
    const stack = configOf(stackWithSecrets(), 'compose.emqx-4.4.yaml');
    const { environment = {} } = stack.services.emqx!;
    const paths = Object.values(environment).filter((value) => /^\/opt/.test(value));
    expect(paths).to.have.length(4);
    expect(targets('compose.emqx-4.4.yaml')).to.include.members(paths);
    expect(environment).to.include({
      EMQX_ALLOW_ANONYMOUS: 'false',
      EMQX_ACL_NOMATCH: 'deny',
      EMQX_AUTH_ORDER: 'mnesia,pgsql',
    });
  });
});

describe('docker: Dockerfile', () => {
  const lines = dockerFile('Dockerfile').split('\n');
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1))
    .filter((word) => !word.startsWith('--'));

  it('copies what is there, and what the builder is given', () => {
    const given = dockerFile('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    for (const path of copied) {
      expect(existsSync(join(PROJECT_ROOT, path)), path).to.equal(true);
      expect(given).to.include(path);
    }
    expect(new Set(given)).to.deep.equal(new Set(copied));
  });

  it('begins with one pinned image, and ends as a plain user', () => {
    const images = lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1]);
    expect(new Set(images)).to.have.property('size', 1);
    expect(images[0]).to.match(/^node:22\.\d+\.\d+-bookworm-slim$/);
    expect(lines.filter((line) => line.startsWith('USER '))).to.deep.equal(['USER node']);
  });

  it('installs Node-RED and the dashboard in the versions of the lock file, and no tool', () => {
    const folder = temporaryFolder();
    for (const name of ['package.json', 'package-lock.json', 'docker/runtime-dependencies.mjs']) {
      cpSync(join(PROJECT_ROOT, name), join(folder, basename(name)));
    }
    execFileSync(process.execPath, ['runtime-dependencies.mjs'], { cwd: folder });
    // Fails when package.json and lock file do not fit together.
    const { stdout, status } = spawnSync(
      'npm',
      ['ci', '--dry-run', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=silly'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status, stdout).to.equal(0);
    const changed = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    expect(changed.dependencies).to.include.keys('node-red', '@flowfuse/node-red-dashboard', 'pg');
    expect(changed.devDependencies).not.to.have.property('node-red');
  });

  it('is healthy while Node-RED answers, be it that it has no editor', async () => {
    let status = 404;
    const server = createServer((_request, response) => {
      response.statusCode = status;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const health = async () => {
      const child = spawn(process.execPath, [join(DOCKER, 'health.mjs')], { env: { PORT: String(port) } });
      const [code] = await once(child, 'exit');
      return code;
    };
    expect(await health()).to.equal(0);
    status = 503;
    expect(await health()).to.equal(1);
    server.close();
    await once(server, 'close');
    expect(await health()).to.equal(1);
  });
});
