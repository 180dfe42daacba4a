import type { Clock } from '../../base/clock.ts';
import type { Api } from './context.ts';

/** What is under way may take so long when a server ends. */
const FINISH_WITHIN_MS = 5_000;

/**
 * Ends a server: nothing new comes in, streams and websockets end at once, requests that are under way are answered;
 * what is not done after 5 s is cut off.
 */
export async function closeApp(app: Api, clock: Clock): Promise<void> {
  const timer = clock.after(FINISH_WITHIN_MS, () => {
    app.server.closeAllConnections();
    for (const client of app.websocketServer.clients) client.terminate();
  });
  try {
    await app.close();
  } finally {
    timer.stop();
  }
}
