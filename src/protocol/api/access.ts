import { type Static, Type } from 'typebox';
import { NullableTime, oneLine, oneOf, Time } from './common.ts';

export const ROLES = ['viewer', 'submitter', 'operator', 'admin'] as const;
export const RoleWord = oneOf(ROLES);

export const WhoView = Type.Object(
  { name: Type.String(), role: RoleWord, version: Type.String(), deployment_id: Type.String() },
  { title: 'Who' },
);
export type WhoView = Static<typeof WhoView>;

export const DeploymentView = Type.Object(
  { id: Type.String(), observing: Type.Boolean({ description: 'It looks, but touches no machine' }) },
  { title: 'Deployment' },
);
export type DeploymentView = Static<typeof DeploymentView>;

export const EnterLinkView = Type.Object({ url: Type.String(), expires_at: Time }, { title: 'EnterLink' });
export type EnterLinkView = Static<typeof EnterLinkView>;

export const TokenView = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    role: RoleWord,
    created_at: Time,
    expires_at: NullableTime,
    revoked_at: NullableTime,
  },
  { title: 'Token' },
);
export type TokenView = Static<typeof TokenView>;
export const TokenBody = Type.Object({
  name: oneLine(100, 1),
  role: RoleWord,
  expires_in_ms: Type.Optional(
    Type.Integer({ minimum: 1000, maximum: 100 * 365 * 86_400_000, description: 'Never when not given' }),
  ),
});
export const NewTokenView = Type.Object(
  { token: TokenView, secret: Type.String({ description: 'Shown this once' }) },
  { title: 'NewToken' },
);
export type NewTokenView = Static<typeof NewTokenView>;
