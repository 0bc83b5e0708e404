import type { ServerSettings } from './settings.js';

/**
 * What of tpe-server's fields the environment gives, so that they may be left blank. Null where the environment cannot be
 * read: what is wrong with it is told when the server opens.
 */
export function givenBy(settings: ServerSettings): string[] | null {
  try {
    const { mqtt, api, events } = settings.broker();
    const found = {
      databaseUrl: settings.databaseUrl,
      mqttUrl: mqtt.url,
      apiUrl: api.url,
      mqttEvents: events === 'mqtt',
    };
    return Object.entries(found).flatMap(([name, value]) => (value ? [name] : []));
  } catch {
    return null;
  }
}
