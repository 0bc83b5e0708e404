import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { SECRET_VARIABLES } from '../../nodes/node-red/runtime/variables.js';
import { DOCKER, dockerFile } from '../support/docker-files.js';
import { parseHocon } from '../support/hocon.js';
import { PROJECT_ROOT, temporaryFolder } from '../support/node-red-process.js';
import { OPERATOR_SCHEMAS } from './kubernetes-schemas.js';

const FOLDER = 'kubernetes';
const FILES = readdirSync(join(DOCKER, FOLDER)).filter((name) => name.endsWith('.yaml'));

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: { name: string };
  [field: string]: unknown;
}

function manifestsOf(file: string): Manifest[] {
  return parseAllDocuments(dockerFile(`${FOLDER}/${file}`), { merge: true }).map((document) => {
    expect(document.errors, file).to.deep.equal([]);
    return document.toJS() as Manifest;
  });
}

/** What is at a path of keys, such as `spec.ports.0.port`; nothing where there is none. */
function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], tree);
}

function listAt(tree: unknown, path: string): unknown[] {
  const found = at(tree, path);
  return Array.isArray(found) ? found : [];
}

const manifests = FILES.flatMap(manifestsOf);
const isOperators = ({ apiVersion, kind }: Manifest) => `${apiVersion} ${kind}` in OPERATOR_SCHEMAS;
const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);

function find(kind: string, name: string): Manifest {
  const found = ofKind(kind).find((one) => one.metadata?.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

/** What the TypeScript types of Kubernetes' API say of manifests: unlike its schemas they know unknown fields too. */
function typeErrors(given: Manifest[]): string[] {
  const file = join(temporaryFolder(), 'manifests.ts');
  const models = join(PROJECT_ROOT, 'node_modules/kubernetes-models');
  const lines = given.map(
    (one, index) =>
      `export const m${index}: import('${models}/${one.apiVersion}').I${one.kind} = ${JSON.stringify(one)};`,
  );
  writeFileSync(file, lines.join('\n'));
  const program = ts.createProgram([file], { noEmit: true, strict: true, skipLibCheck: true, types: [] });
  return ts
    .getPreEmitDiagnostics(program)
    .map((fault) => `${fault.start}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`);
}

describe('docker: Kubernetes', () => {
  it('has manifests with nothing in them that Kubernetes does not know', () => {
    const its = manifests.filter((one) => !isOperators(one));
    expect(its.length).to.be.greaterThan(15);
    expect(typeErrors(its)).to.deep.equal([]);
    const wrong = { ...find('Service', 'intake'), specs: {} };
    expect(typeErrors([wrong]).join()).to.match(/known properties.*specs/);
  });

  it('has manifests whose values Kubernetes takes', async () => {
    for (const one of manifests.filter((each) => !isOperators(each))) {
      const models: Record<string, new (manifest: Manifest) => { validate(): void }> = await import(
        `kubernetes-models/${one.apiVersion}`
      );
      new models[one.kind]!(one).validate();
    }
  });

  it('has resources for the operators of EMQX and PostgreSQL that these take', () => {
    for (const [id, schema] of Object.entries(OPERATOR_SCHEMAS)) {
      const [mine, ...others] = manifests.filter((one) => `${one.apiVersion} ${one.kind}` === id);
      expect(others, id).to.deep.equal([]);
      const validate = new Ajv({ allErrors: true }).compile(schema);
      validate(mine);
      expect(validate.errors ?? [], id).to.deep.equal([]);
    }
  });

  it('applies every file but the example of the secrets', () => {
    const [kustomization] = manifestsOf('kustomization.yaml');
    const others = FILES.filter((name) => !['kustomization.yaml', 'secrets.example.yaml'].includes(name));
    expect(listAt(kustomization, 'resources').toSorted()).to.deep.equal(others.toSorted());
  });

  it('has secrets by reference only, and each reference is in the example', () => {
    const examples = manifestsOf('secrets.example.yaml').map((one) => {
      const values = Object.entries(at(one, 'stringData') as Record<string, string>);
      return [one.metadata?.name, new Map(values)] as const;
    });
    for (const [key, value] of examples.flatMap(([, values]) => [...values])) {
      if (!['username', 'emqx-api-key'].includes(key)) expect(value, key).to.match(/CHANGE-ME/);
    }
    const secrets = new Map(examples);
    const text = FILES.filter((name) => name !== 'secrets.example.yaml')
      .map((name) => dockerFile(`${FOLDER}/${name}`))
      .join('\n');
    const references = [...text.matchAll(/\{ secretName: ([\w-]+), secretKey: ([\w-]+) \}/g)];
    expect(references).to.have.length(2);
    for (const [, name, key = ''] of references) expect(secrets.get(name)?.has(key), name).to.equal(true);
    for (const [, name] of text.matchAll(
      /(?:secretName|passwordSecret: \{ name|secret: \{ name): ([\w-]+)/g,
    )) {
      expect(secrets.has(name), name).to.equal(true);
    }
    expect(text).not.to.match(/(password|secret|token): ['"]?[\w-]{8,}/i);
  });

  it('gives Node-RED its secrets as files, each of them, and none in the environment', () => {
    const example = manifestsOf('secrets.example.yaml').find(
      ({ metadata }) => metadata?.name === 'tpedm-node-red',
    );
    const keys = Object.keys(at(example, 'stringData') as object);
    for (const one of [find('StatefulSet', 'dashboard'), find('Deployment', 'intake')]) {
      const pod = at(one, 'spec.template.spec');
      const env = listAt(pod, 'containers.0.env') as { name: string; value?: string }[];
      expect(env.filter(({ value }) => value === undefined)).to.deep.equal([]);
      for (const name of SECRET_VARIABLES) expect(env.map((each) => each.name)).not.to.include(name);
      const files = env.filter(({ name }) => SECRET_VARIABLES.some((secret) => name === `${secret}_FILE`));
      expect(files.map(({ value }) => value).toSorted()).to.deep.equal(
        keys.map((key) => `/run/secrets/tpedm/${key}`).toSorted(),
      );
      expect(listAt(pod, 'containers.0.volumeMounts')).to.deep.include({
        name: 'secrets',
        mountPath: '/run/secrets/tpedm',
        readOnly: true,
      });
      // For the group of the pod, and nobody else.
      expect(listAt(pod, 'volumes')).to.deep.include({
        name: 'secrets',
        secret: { secretName: 'tpedm-node-red', defaultMode: 0o440 },
      });
    }
  });

  it('runs Node-RED as a plain user that may write to its volumes alone, with probes and limits', () => {
    for (const one of [find('StatefulSet', 'dashboard'), find('Deployment', 'intake')]) {
      const pod = at(one, 'spec.template.spec');
      expect(at(pod, 'automountServiceAccountToken')).to.equal(false);
      expect(at(pod, 'securityContext')).to.deep.include({ runAsNonRoot: true, runAsUser: 1000 });
      const container = at(pod, 'containers.0');
      expect(at(container, 'securityContext')).to.deep.equal({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container).to.include.keys('startupProbe', 'livenessProbe', 'readinessProbe');
      expect(at(container, 'resources.limits')).to.have.property('memory');
      expect(at(container, 'resources.requests')).to.have.property('cpu');
    }
  });

  it('has workers that take webhooks only, as many as it needs', () => {
    const intake = find('Deployment', 'intake');
    const env = listAt(intake, 'spec.template.spec.containers.0.env');
    expect(env).to.deep.include({ name: 'TPE_FLOW', value: 'intake-worker' });
    expect(env).to.deep.include({ name: 'TPE_EDITOR', value: 'off' });
    expect(intake.spec).not.to.have.property('replicas');
    const scaler = find('HorizontalPodAutoscaler', 'intake');
    expect(at(scaler, 'spec.scaleTargetRef')).to.deep.equal({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'intake',
    });
    expect(at(scaler, 'spec.minReplicas')).to.be.greaterThan(1);
    expect(at(find('PodDisruptionBudget', 'intake'), 'spec.minAvailable')).to.equal(1);
  });

  it('has a PostgreSQL that takes the connections of all that there may be', () => {
    const cluster = find('Cluster', 'tpedm-postgres');
    const nodeReds = 1 + Number(at(find('HorizontalPodAutoscaler', 'intake'), 'spec.maxReplicas'));
    const [, each] = /Each instance opens\s+(\d+) connections at most/.exec(dockerFile('README.md'))!;
    const emqx = Number(at(cluster, 'spec.managed.roles.0.connectionLimit'));
    expect(Number(at(cluster, 'spec.postgresql.parameters.max_connections'))).to.be.greaterThan(
      nodeReds * Number(each) + emqx + 20,
    );
  });

  it('has each service lead to pods that are there, under the names that configuration files have', () => {
    const known = [
      at(find('StatefulSet', 'dashboard'), 'spec.template.metadata.labels'),
      at(find('Deployment', 'intake'), 'spec.template.metadata.labels'),
      { 'apps.emqx.io/instance': find('EMQX', 'tpedm-emqx').metadata?.name, 'apps.emqx.io/db-role': 'core' },
      {
        'cnpg.io/cluster': find('Cluster', 'tpedm-postgres').metadata?.name,
        'cnpg.io/instanceRole': 'primary',
      },
    ];
    for (const service of ofKind('Service')) {
      if (service.metadata?.name === 'closed') expect(service.spec).not.to.have.property('selector');
      else expect(known, service.metadata?.name).to.deep.include(at(service, 'spec.selector'));
    }
    const config = JSON.stringify(parseHocon(dockerFile('emqx/base.hocon.template')));
    const hosts = [...config.matchAll(/"(?:http:\/\/)?([a-z-]+):\d+"/g)].map(([, host = '']) => host);
    expect(new Set(hosts)).to.deep.equal(new Set(['postgres', 'intake']));
    for (const host of hosts) find('Service', host);
  });

  it('publishes TLS alone, and keeps the webhook from the world', () => {
    const open = ofKind('Service')
      .filter((one) => ['LoadBalancer', 'NodePort'].includes(String(at(one, 'spec.type'))))
      .flatMap((one) => listAt(one, 'spec.ports').map((port) => at(port, 'port')));
    expect(open).to.deep.equal([8883]);
    expect(at(find('EMQX', 'tpedm-emqx'), 'spec.listenersServiceTemplate')).to.deep.equal({ enabled: false });
    const ingress = find('Ingress', 'tpedm');
    expect(at(ingress, 'spec.tls.0.hosts')).to.deep.equal([at(ingress, 'spec.rules.0.host')]);
    const routes = listAt(ingress, 'spec.rules.0.http.paths').map((route) => [
      at(route, 'path'),
      at(route, 'backend.service.name'),
    ]);
    expect(routes).to.deep.equal([
      ['/api/emqx/hook', 'closed'],
      ['/', 'dashboard'],
    ]);
  });

  it('lets nobody reach anything by default', () => {
    expect(find('NetworkPolicy', 'nothing-by-default').spec).to.deep.equal({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const anybody = ofKind('NetworkPolicy')
      .flatMap((one) => listAt(one, 'spec.ingress'))
      .filter((rule) => at(rule, 'from') === undefined)
      .flatMap((rule) => listAt(rule, 'ports').map((port) => at(port, 'port')));
    expect(anybody).to.deep.equal([8883]);
  });

  it('lets each reach what it needs, and nothing get out anywhere', () => {
    const ways = ofKind('NetworkPolicy').flatMap((one) =>
      listAt(one, 'spec.egress').map((rule) => {
        const ports = listAt(rule, 'ports').map((port) => at(port, 'port'));
        expect(ports, one.metadata?.name).not.to.deep.equal([]);
        expect(listAt(rule, 'to'), one.metadata?.name).not.to.deep.equal([]);
        const out = listAt(rule, 'to').filter((place) => at(place, 'ipBlock') !== undefined);
        for (const place of out) expect(listAt(place, 'ipBlock.except')).not.to.deep.equal([]);
        return { name: one.metadata?.name, ports, isOut: out.length > 0 };
      }),
    );
    const portsOf = (name: string) => ways.filter((way) => way.name === name).flatMap(({ ports }) => ports);
    expect(portsOf('all-to-name-server')).to.deep.equal([53, 53]);
    expect(portsOf('webhooks-to-intake')).to.deep.equal([5432, 1883, 18083]);
    expect(portsOf('from-dashboard')).to.deep.equal([5432, 1883, 18083, 443]);
    expect(portsOf('to-emqx')).to.deep.equal([5432, 1880, 4370, 5369, 18083]);
    expect(ways.filter(({ isOut }) => isOut).map(({ name, ports }) => [name, ports])).to.deep.equal([
      ['from-dashboard', [443]],
      ['to-postgres', [443, 6443]],
    ]);
  });

  it('has EMQX tell by the same configuration, and says nothing of it twice', () => {
    const emqx = find('EMQX', 'tpedm-emqx');
    const mounts = listAt(emqx, 'spec.coreTemplate.spec.extraVolumeMounts').map((mount) =>
      at(mount, 'subPath'),
    );
    expect(mounts).to.include('base.hocon');
    // What stands here wins over base.hocon.
    expect(at(emqx, 'spec.config.data')).to.not.match(/connectors|actions|rule_engine/);
    const services = ofKind('Service').filter((one) => one.metadata?.name === 'intake');
    expect(services.map((one) => listAt(one, 'spec.ports').map((port) => at(port, 'port')))).to.deep.equal([
      [1880],
    ]);
  });

  it('has the versions of the compose file', () => {
    const compose = dockerFile('compose.yaml');
    const [, postgres] = /image: postgres:([\d.]+)/.exec(compose)!;
    const [, emqx] = /image: emqx\/emqx:([\d.]+)/.exec(compose)!;
    expect(at(find('Cluster', 'tpedm-postgres'), 'spec.imageName')).to.match(new RegExp(`:${postgres}$`));
    expect(at(find('EMQX', 'tpedm-emqx'), 'spec.image')).to.match(new RegExp(`:${emqx}$`));
  });
});
