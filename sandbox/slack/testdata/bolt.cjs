// A simple app with Slack's own framework for Node: it answers mentions with a
// button, clicks with a message, and a command immediately.
const { App, LogLevel } = require('@slack/bolt');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  logLevel: LogLevel.ERROR,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.event('app_mention', async ({ event, client }) => {
  await client.chat.postMessage({
    channel: event.channel,
    thread_ts: event.ts,
    text: 'Hello from Bolt',
    blocks: [{
      type: 'actions',
      elements: [{ type: 'button', action_id: 'again', value: '1', text: { type: 'plain_text', text: 'Again' } }],
    }],
    metadata: { event_type: 'greeting', event_payload: { asked: event.ts } },
  });
});

app.action('again', async ({ ack, body, respond }) => {
  await ack();
  await respond({ text: `Again for ${body.user.id}`, response_type: 'in_channel', replace_original: false });
});

app.command('/helper', async ({ ack, command }) => {
  await ack({ text: `You said ${command.text}` });
});

app.error(async (error) => {
  console.error(error);
  process.exit(1);
});

app.start().catch((error) => {
  console.error(error);
  process.exit(1);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0)); // ends with the test
