import type { ServerSettings } from './settings.js';

/**
 * The values of tpe-server that the environment gives, so that their fields may be blank. Null if the environment is faulty; the error is
 * then reported when the server opens.
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
