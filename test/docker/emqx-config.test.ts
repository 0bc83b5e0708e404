import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { DEFAULT_TOPICS } from '../../nodes/manager/protocol/topics.js';
import { dockerFile, emqx4Settings } from '../support/docker-files.js';
import { secretOf, stackWithSecrets } from '../support/docker-stack.js';
import { shippedSettings } from '../support/emqx/action-settings.js';
import { type Hocon, hoconAt, parseHocon } from '../support/hocon.js';
import { skipWithout } from '../support/programs.js';
import { EMQX_5_SCHEMA } from './emqx-schema.js';

/** What the device manager listens to, as filters for all gateways. */
const TOPICS = [DEFAULT_TOPICS.output, '/tpedm/{clientid}/telemetry/#'].map((topic) =>
  topic.replace('{clientid}', '+'),
);
const HOOK = '/api/emqx/hook';

describe('docker: the configuration of EMQX 5', () => {
  let config: Hocon;
  const at = (path: string) => hoconAt(config, path);
  const made = (path: string) => readFileSync(join(stackWithSecrets(), 'generated', path), 'utf8');
  const secret = (name: string) => secretOf(stackWithSecrets(), name);

  before(function () {
    skipWithout(this, 'openssl');
    config = parseHocon(made('emqx/base.hocon'));
  });

  it('has no key that EMQX does not know', () => {
    const validate = new Ajv({ allErrors: true }).compile(EMQX_5_SCHEMA);
    validate(config);
    expect(validate.errors ?? []).to.deep.equal([]);
  });

  it('asks for the device manager first, and denies what nobody allows', () => {
    expect(at('authentication.0.backend')).to.equal('built_in_database');
    expect(at('authentication.1.backend')).to.equal('postgresql');
    expect(at('authorization.no_match')).to.equal('deny');
    expect(at('authorization.sources')).to.have.length(1);
    expect(dockerFile('emqx/acl.conf').trimEnd()).to.match(/\n\{deny, all\}\.$/);
  });

  it('knows the device manager by the password that Node-RED has, and not as superuser', () => {
    expect(made('emqx/manager.csv')).to.equal(
      `user_id,password,is_superuser\ntpedm-manager,${secret('TPE_MQTT_PASSWORD')},false\n`,
    );
    expect(made('emqx/api_keys')).to.equal(`${secret('EMQX_API_KEY')}:${secret('EMQX_API_SECRET')}\n`);
    expect(at('authentication.1.password')).to.equal(secret('EMQX_DB_PASSWORD'));
    expect(at('dashboard.default_password')).to.equal(secret('EMQX_DASHBOARD_PASSWORD'));
  });

  it('sends all events to the one webhook, with the secret', () => {
    for (const name of ['tpedm_presence', 'tpedm_messages']) {
      expect(at(`rule_engine.rules.${name}.actions`)).to.deep.equal([`http:${name}`]);
      expect(at(`actions.http.${name}.connector`)).to.equal(name);
      expect(at(`actions.http.${name}.parameters`)).to.deep.equal({ path: HOOK, method: 'post' });
      expect(at(`connectors.http.${name}.url`)).to.equal('http://intake:1880');
      expect(at(`connectors.http.${name}.headers.authorization`)).to.equal(
        `Bearer ${secret('TPE_WEBHOOK_SECRET')}`,
      );
    }
  });

  it('tells side by side who comes and goes, and gives up on none of it', () => {
    expect(at('rule_engine.rules.tpedm_presence.sql')).to.equal(
      'SELECT * FROM "$events/client_connected", "$events/client_disconnected" ',
    );
    expect(at('actions.http.tpedm_presence.resource_opts.request_ttl')).to.equal('infinity');
  });

  it('has many requests under way, and keeps every connection busy', () => {
    const options = (action: string, name: string) => at(`actions.http.${action}.resource_opts.${name}`);
    for (const name of ['tpedm_presence', 'tpedm_messages']) {
      const connections = Number(at(`connectors.http.${name}.pool_size`));
      expect(connections, name).to.be.at.least(32);
      // More of one connection could be lost or told twice with it.
      expect(at(`connectors.http.${name}.enable_pipelining`), name).to.equal('1');
      expect(at(`connectors.http.${name}.pool_type`), name).to.equal('hash');
      expect(options(name, 'query_mode'), name).to.equal('async');
      expect(Number(options(name, 'inflight_window')), name).to.be.at.least(3 * connections);
    }
    const shared = Number(at('connectors.http.tpedm_messages.pool_size'));
    expect(at('actions.http.tpedm_refused.connector')).to.equal('tpedm_messages');
    expect(Number(options('tpedm_refused', 'inflight_window')), 'refused logins').to.be.below(shared / 2);
  });

  it('keeps what the README says that it keeps', () => {
    const rows = dockerFile('README.md').split('\n');
    for (const [event, action, kept] of [
      ['who comes and goes', 'tpedm_presence', 'as long as it takes'],
      ['answers and telemetry', 'tpedm_messages', null],
      ['refused logins', 'tpedm_refused', null],
    ] as const) {
      const row = rows.find((line) => line.startsWith(`| ${event} `)) ?? '';
      const option = (name: string) => String(at(`actions.http.${action}.resource_opts.${name}`));
      const workers = option('worker_pool_size');
      const ttl = option('request_ttl')
        .replace(/m$/, ' min')
        .replace(/(?<=[0-9])s$/, ' s');
      expect(row, event).to.contain(`| ${kept ?? ttl} `);
      expect(row, event).to.contain(`| ${option('max_buffer_bytes').replace('MB', ' MB')}`);
      if (workers !== '1') expect(row, event).to.contain(`in each of ${workers} workers`);
    }
    const { connections, healthCheckMs, ttlMs } = shippedSettings('tpedm_presence');
    expect(ttlMs).to.equal(Number.POSITIVE_INFINITY);
    expect(dockerFile('README.md')).to.contain(`EMQX tells ${connections} at a time who has come`);
    expect(dockerFile('README.md')).to.contain(
      `look every ${healthCheckMs / 1000} s whether Node-RED is back`,
    );
  });

  it('sends what gateways say in base64, says so, and sends nothing else', () => {
    const sql = String(at('rule_engine.rules.tpedm_messages.sql'));
    expect(sql).to.contain("base64_encode(payload) AS payload, 'base64' AS payload_encoding");
    const [, from = ''] = /FROM (.*)$/.exec(sql) ?? [];
    expect(from.match(/"[^"]+"/g)?.map((topic) => topic.slice(1, -1))).to.deep.equal(TOPICS);
  });

  it("tells EMQX's makers nothing", () => {
    expect(at('telemetry.enable')).to.equal('false');
  });

  it('lets gateways in by TLS, and closes what nobody uses', () => {
    expect(at('listeners.ssl.default.bind')).to.equal('0.0.0.0:8883');
    expect(at('listeners.ws.default.enable')).to.equal('false');
    expect(at('listeners.wss.default.enable')).to.equal('false');
  });
});

describe('docker: the configuration of EMQX 4.4', () => {
  const FOLDER = 'emqx-4.4/plugins';

  it('has the settings of its plugins, each in the form that 4.4 knows', () => {
    const known =
      /^(auth\.pgsql\.(server|pool|username|password|database|encoding|ssl|auth_query|password_hash)|auth\.mnesia\.password_hash|auth\.user\.1\.(username|password)|web\.hook\.(url|headers\.(content-type|authorization)|body\.encoding_of_payload_field|pool_size|enable_pipelining|rule\.client\.(connected|disconnected)\.1|rule\.message\.publish\.[12])|management\.(max_row_limit|default_application\.(id|secret)|listener\.http(\.(acceptors|max_clients|backlog|send_timeout|send_timeout_close|inet6|ipv6_v6only))?))$/;
    for (const file of readdirSync(join(stackWithSecrets(), FOLDER))) {
      for (const name of emqx4Settings(`${FOLDER}/${file}`).keys()) expect(name, file).to.match(known);
    }
  });

  it('sends the same events to the same webhook, in base64', () => {
    const hook = emqx4Settings(`${FOLDER}/emqx_web_hook.conf.template`);
    expect(hook.get('web.hook.url')).to.equal(`http://intake:1880${HOOK}`);
    expect(hook.get('web.hook.headers.authorization')).to.equal('Bearer @TPE_WEBHOOK_SECRET@');
    expect(hook.get('web.hook.body.encoding_of_payload_field')).to.equal('base64');
    const rules = [...hook]
      .filter(([name]) => name.startsWith('web.hook.rule.'))
      .map(([, rule]) => JSON.parse(rule) as { action: string; topic?: string });
    expect(rules.map((rule) => rule.action)).to.deep.equal([
      'on_client_connected',
      'on_client_disconnected',
      'on_message_publish',
      'on_message_publish',
    ]);
    expect(rules.flatMap((rule) => rule.topic ?? [])).to.deep.equal(TOPICS);
  });

  it("loads no plugin that tells EMQX's makers of the installation", () => {
    const loaded = /EMQX_LOADED_PLUGINS: (\S+)/.exec(dockerFile('compose.emqx-4.4.yaml'))?.[1]?.split(',');
    expect(loaded).to.include('emqx_web_hook').and.not.include('emqx_telemetry');
  });

  it('makes no superuser, and asks no table for access rules', () => {
    const names = [...emqx4Settings(`${FOLDER}/emqx_auth_pgsql.conf.template`).keys()];
    expect(names).not.to.include.members(['auth.pgsql.super_query']);
    expect(names).not.to.include.members(['auth.pgsql.acl_query']);
    expect(dockerFile('emqx-4.4/acl.conf').trimEnd()).to.match(/\n\{deny, all\}\.$/);
  });

  it('knows the device manager under the name that the access rules have', () => {
    const mnesia = emqx4Settings(`${FOLDER}/emqx_auth_mnesia.conf.template`);
    expect(mnesia.get('auth.user.1.username')).to.equal('tpedm-manager');
    expect(dockerFile('emqx-4.4/acl.conf')).to.contain('{allow, {user, "tpedm-manager"}, pubsub,');
    expect(dockerFile('emqx/acl.conf')).to.contain('{allow, {username, "tpedm-manager"}, all,');
  });
});
