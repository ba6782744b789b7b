import * as z from "zod";

/** The application of Cloudflare Access that is in front of the console. */
export interface AccessSettings {
  /** Of the team: `https://example.cloudflareaccess.com`. It is the issuer of the tokens. */
  readonly issuer: string;
  /** The application's audience tag. */
  readonly audience: string;
}

/** A host's name as the dashboard shows it; nothing that a URL would understand otherwise. */
const TEAM_DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** The dashboard's tags are 64 hex digits; what counts is that it is one word. */
const AUDIENCE = /^[\w-]{1,200}$/;

const SETTINGS = z.object({
  ACCESS_TEAM_DOMAIN: z
    .string()
    .regex(TEAM_DOMAIN, "must be a host like example.cloudflareaccess.com"),
  ACCESS_AUDIENCE: z.string().regex(AUDIENCE, "must be the application's audience tag"),
});

/** Both settings; undefined where neither is set; or what is wrong with them, as a sentence. */
export type AccessSettingsResult = AccessSettings | { readonly problem: string } | undefined;

/** Reads ACCESS_TEAM_DOMAIN and ACCESS_AUDIENCE of wrangler.toml. One alone is wrong. */
export function accessSettings(env: Env): AccessSettingsResult {
  // A deployment's own wrangler.toml may lack them, which their generated types do not say.
  const domain: string | undefined = env.ACCESS_TEAM_DOMAIN;
  const audience: string | undefined = env.ACCESS_AUDIENCE;
  if ((domain ?? "") === "" && (audience ?? "") === "") return undefined;
  const parsed = SETTINGS.safeParse({
    ACCESS_TEAM_DOMAIN: domain ?? "",
    ACCESS_AUDIENCE: audience ?? "",
  });
  if (parsed.success) {
    return {
      issuer: `https://${parsed.data.ACCESS_TEAM_DOMAIN}`,
      audience: parsed.data.ACCESS_AUDIENCE,
    };
  }
  const reasons = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
  return { problem: `Cloudflare Access is set up by half: ${reasons.join("; ")}.` };
}
