/** The demo's configuration: two providers on this machine, and two labels kept warm across them. */
export function demoConfiguration(isolation: string): string {
  const provider = (name: string): string => `
  ${name}:
    driver: local
    isolation: ${isolation}
    limits: {nodes: 8}
    nodes:
      - name: jammy
        labels: [jammy, x86_64]
      - name: noble
        labels: [noble, x86_64]`;
  return `labels:
  jammy: {ready: 3}
  noble: {ready: 2}
providers:${provider('local-a')}${provider('local-b')}
`;
}

/** What the pool is to become, for waiting and showing. */
export const DEMO_LABELS = { jammy: 3, noble: 2 } as const;
