// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is what people write in the file.
import { count, optional, section, text } from '../schema/kinds.ts';

/** How the server is reached and where it keeps what is its own. */
export const serverSection = section(
  {
    host: text({ description: 'The address to listen on.', default: '127.0.0.1', maximum_characters: 255 }),
    port: count({
      description: 'The port to listen on; 0 takes any free one.',
      default: 7420,
      minimum: 0,
      maximum: 65_535,
    }),
    data: text({
      description: 'The directory of everything that the server keeps on this machine, relative to the file.',
      default: '.groundcrew',
      maximum_characters: 4096,
    }),
    database: optional(
      text({
        description:
          'The address of an outside PostgreSQL (15 or newer). Without it the server brings its own. It holds a password: write `${DATABASE_URL}` or `${file:…}`.',
        pattern: 'postgres(ql)?://.+',
        wants: 'an address such as postgres://user@host/name',
        examples: ['${DATABASE_URL}'],
      }),
    ),
  },
  { description: 'How the server is reached, and where it keeps its things.', default: {} },
);

const s3Section = section(
  {
    endpoint: text({
      description: 'The address of the service.',
      pattern: 'https?://[^\\s/]+(/.*)?',
      wants: 'an address such as https://s3.eu-west-1.amazonaws.com',
      examples: ['https://s3.eu-west-1.amazonaws.com'],
    }),
    region: text({
      description: 'The region that requests are signed for.',
      default: 'us-east-1',
      maximum_characters: 100,
    }),
    bucket: text({ description: 'The bucket; it must exist.', maximum_characters: 255 }),
    prefix: text({
      description: 'Put before every key, so that a bucket can be shared.',
      default: '',
      minimum_characters: 0,
      maximum_characters: 200,
    }),
    access_key_id: text({ description: 'The key’s name.', examples: ['${AWS_ACCESS_KEY_ID}'] }),
    secret_access_key: text({
      description: 'The key itself: write `${NAME}` or `${file:…}`, never the key.',
      examples: ['${AWS_SECRET_ACCESS_KEY}', '${file:/run/secrets/s3}'],
    }),
  },
  { description: 'An object store that speaks S3.' },
);

/** Where logs and artifacts are kept. */
export const blobsSection = section(
  {
    directory: optional(
      text({
        description:
          'A directory; one that is not absolute is below the server’s data directory. `blobs` when nothing is given.',
        maximum_characters: 4096,
        examples: ['/srv/groundcrew/blobs'],
      }),
    ),
    s3: optional(s3Section),
  },
  { description: 'Where logs and artifacts are kept: a directory, or an object store.', default: {} },
);
