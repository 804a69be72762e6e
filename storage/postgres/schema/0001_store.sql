-- Identities sort and compare as bytes. A record is JSON, not JSONB, because texts can have
-- the character U+0000, and because it comes back as it was written.

-- An administrator can have created the schema for a user who may create none, and IF NOT
-- EXISTS would check that first.
DO $$ BEGIN
	IF to_regnamespace('enjobridge') IS NULL THEN
		CREATE SCHEMA enjobridge;
	END IF;
END $$;

CREATE TABLE enjobridge.about (
	version integer NOT NULL,
	one     boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO enjobridge.about (version) VALUES (0);

CREATE TABLE enjobridge.questions (
	team           text COLLATE "C" NOT NULL,
	channel        text COLLATE "C" NOT NULL,
	ts             text COLLATE "C" NOT NULL,
	number         bigint GENERATED ALWAYS AS IDENTITY,
	thread_team    text COLLATE "C" NOT NULL,
	thread_channel text COLLATE "C" NOT NULL,
	thread_root    text COLLATE "C" NOT NULL,
	asker          text COLLATE "C" NOT NULL,
	state          text COLLATE "C" NOT NULL,
	accepted_at    timestamptz NOT NULL,
	ended_at       timestamptz,
	kept           boolean NOT NULL, -- the text of its answer is kept
	record         json NOT NULL,
	PRIMARY KEY (team, channel, ts)
);
CREATE INDEX questions_unfinished ON enjobridge.questions (accepted_at, number) WHERE ended_at IS NULL;
CREATE INDEX questions_unfinished_in_thread ON enjobridge.questions (thread_team, thread_channel, thread_root) WHERE ended_at IS NULL;
CREATE INDEX questions_queued_of_asker ON enjobridge.questions (asker) WHERE state = 'queued';
CREATE INDEX questions_kept ON enjobridge.questions (ended_at, number) WHERE kept;
CREATE INDEX questions_by_end ON enjobridge.questions (ended_at, number) WHERE ended_at IS NOT NULL;

CREATE TABLE enjobridge.threads (
	team              text COLLATE "C" NOT NULL,
	channel           text COLLATE "C" NOT NULL,
	root              text COLLATE "C" NOT NULL,
	last_active       timestamptz NOT NULL,
	listed            boolean NOT NULL, -- among the active threads
	continues_team    text COLLATE "C" NOT NULL, -- of the thread that it continues; empty for none
	continues_channel text COLLATE "C" NOT NULL,
	record            json NOT NULL,
	PRIMARY KEY (team, channel, root)
);
CREATE INDEX threads_continuing ON enjobridge.threads (continues_team, continues_channel) WHERE continues_channel <> '';
CREATE INDEX threads_by_activity ON enjobridge.threads (last_active);
CREATE INDEX threads_active ON enjobridge.threads (last_active) WHERE listed;

CREATE TABLE enjobridge.tickets (
	team       text COLLATE "C" NOT NULL,
	channel    text COLLATE "C" NOT NULL,
	root       text COLLATE "C" NOT NULL,
	id         text COLLATE "C" NOT NULL,
	number     bigint GENERATED ALWAYS AS IDENTITY,
	requester  text COLLATE "C" NOT NULL,
	updated_at timestamptz NOT NULL,
	outdated   boolean NOT NULL, -- its card does not show the latest data
	record     json NOT NULL,
	PRIMARY KEY (team, channel, root, id)
);
CREATE INDEX tickets_by_id ON enjobridge.tickets (id);
CREATE INDEX tickets_of_requester ON enjobridge.tickets (requester, updated_at);
CREATE INDEX tickets_outdated ON enjobridge.tickets (number) WHERE outdated;
CREATE INDEX tickets_by_update ON enjobridge.tickets (updated_at);

CREATE TABLE enjobridge.feedback (
	team    text COLLATE "C" NOT NULL,
	channel text COLLATE "C" NOT NULL,
	ts      text COLLATE "C" NOT NULL,
	person  text COLLATE "C" NOT NULL,
	number  bigint GENERATED ALWAYS AS IDENTITY,
	at      timestamptz NOT NULL,
	record  json NOT NULL,
	PRIMARY KEY (team, channel, ts, person)
);
CREATE INDEX feedback_by_time ON enjobridge.feedback (at, number);

CREATE TABLE enjobridge.preferences (
	person text COLLATE "C" PRIMARY KEY,
	record json NOT NULL
);

-- The keys of FirstTime and MuteOnce, also events, and the counters of Increment.
CREATE TABLE enjobridge.keys (
	key     text COLLATE "C" NOT NULL,
	counter boolean NOT NULL,
	at      timestamptz NOT NULL,
	count   integer NOT NULL DEFAULT 0,
	event   boolean NOT NULL DEFAULT false,
	lasting boolean NOT NULL DEFAULT false,
	PRIMARY KEY (key, counter)
);
CREATE INDEX keys_by_time ON enjobridge.keys (at) WHERE NOT event AND NOT lasting;
CREATE INDEX keys_of_events ON enjobridge.keys (at, key) WHERE event;

CREATE TABLE enjobridge.presses (
	team    text COLLATE "C" NOT NULL,
	channel text COLLATE "C" NOT NULL,
	ts      text COLLATE "C" NOT NULL,
	action  text COLLATE "C" NOT NULL,
	at      timestamptz NOT NULL,
	record  json NOT NULL,
	PRIMARY KEY (team, channel, ts, action)
);
CREATE INDEX presses_by_time ON enjobridge.presses (at);

CREATE TABLE enjobridge.calls (
	number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at     timestamptz NOT NULL
);
CREATE INDEX calls_by_time ON enjobridge.calls (at);

CREATE TABLE enjobridge.watermarks (
	conversation text COLLATE "C" PRIMARY KEY,
	until        timestamptz NOT NULL
);

CREATE TABLE enjobridge.tokens (
	kind   text COLLATE "C" PRIMARY KEY,
	record json NOT NULL
);

-- The copies of each message.
CREATE TABLE enjobridge.histories (
	team     text COLLATE "C" NOT NULL,
	channel  text COLLATE "C" NOT NULL,
	ts       text COLLATE "C" NOT NULL,
	began_at timestamptz NOT NULL,
	refs     text[] COLLATE "C" NOT NULL, -- the references by which it is found
	record   json NOT NULL,
	PRIMARY KEY (team, channel, ts)
);
CREATE INDEX histories_by_time ON enjobridge.histories (began_at);
CREATE INDEX histories_by_reference ON enjobridge.histories USING gin (refs);

-- Records that could not be read, as they were.
CREATE TABLE enjobridge.damaged (
	source text COLLATE "C" NOT NULL, -- the table
	key    text COLLATE "C" NOT NULL,
	at     timestamptz NOT NULL,
	record text NOT NULL,
	PRIMARY KEY (source, key, at)
);
CREATE INDEX damaged_by_time ON enjobridge.damaged (at);

-- What Probe writes.
CREATE TABLE enjobridge.probes (
	one boolean PRIMARY KEY DEFAULT true CHECK (one),
	at  timestamptz NOT NULL
);

-- The right to work: one row, which says who has it until when.
CREATE TABLE enjobridge.leases (
	one     boolean PRIMARY KEY DEFAULT true CHECK (one),
	owner   text NOT NULL,
	token   bigint NOT NULL,
	ends_at timestamptz NOT NULL
);
INSERT INTO enjobridge.leases (owner, token, ends_at) VALUES ('', 0, '-infinity');

CREATE TABLE enjobridge.replicas (
	id         text PRIMARY KEY,
	number     bigint GENERATED ALWAYS AS IDENTITY,
	sockets    integer NOT NULL,
	seen_at    timestamptz NOT NULL
);

CREATE TABLE enjobridge.announcements (
	number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind       text NOT NULL,
	team       text NOT NULL,
	channel    text NOT NULL,
	ts         text NOT NULL,
	name       text NOT NULL,
	moved_from text NOT NULL,
	moved_to   text NOT NULL,
	at         timestamptz
);

-- The last transaction of each writer, by which the outcome of a commit is looked up whose
-- answer was lost. A writer lasts as long as its process.
CREATE TABLE enjobridge.commits (
	writer text PRIMARY KEY,
	number bigint NOT NULL,
	at     timestamptz NOT NULL
);
