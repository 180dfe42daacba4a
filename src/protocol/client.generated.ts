// Generated from the API description by `npm run generate`. Do not edit.

export type paths = {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The process runs
         * @description Needs no token.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * It serves and its database answers; 503 when not
         * @description Needs no token.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/whoami": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who the token belongs to
         * @description Needs the role viewer.
         */
        get: operations["whoAmI"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/enter-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a one-use link that signs a browser in as the caller
         * @description Needs the role viewer.
         */
        post: operations["createEnterLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/leave": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the browser session
         * @description Needs the role viewer.
         */
        post: operations["leave"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * API tokens
         * @description Needs the role admin.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Make an API token
         * @description Needs the role admin.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token, and with it the sessions that come from it
         * @description Needs the role admin.
         */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The identifier that our machines carry, and whether this deployment only observes
         * @description Needs the role viewer.
         */
        get: operations["getDeployment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deployment/agree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End observing: from now on this deployment launches and deletes machines
         * @description Needs the role admin.
         */
        post: operations["agreeDeployment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/fleet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Labels, providers and pools by state
         * @description Needs the role viewer.
         */
        get: operations["getFleet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{provider}/leaks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Machines of ours that no node accounts for
         * @description Needs the role viewer.
         */
        get: operations["listLeaks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/providers/{provider}/leaks/agree": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let these leaks be destroyed, though they are more than the sweep dares by itself
         * @description Needs the role admin.
         */
        post: operations["agreeLeaks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Work items by lane
         * @description Needs the role viewer.
         */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/dead": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Work items that failed for good, newest first
         * @description Needs the role viewer.
         */
        get: operations["listDeadItems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue/dead/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a dead work item tried again, from its checkpoint
         * @description Needs the role operator.
         */
        post: operations["retryDeadItem"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Nodes, newest first
         * @description Needs the role viewer.
         */
        get: operations["listNodes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One node: its story, facts and checks
         * @description Needs the role viewer.
         */
        get: operations["getNode"];
        put?: never;
        post?: never;
        /**
         * Delete a node
         * @description Needs the role operator.
         */
        delete: operations["deleteNode"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Nodes kept for people, soonest end first
         * @description Needs the role viewer.
         */
        get: operations["listHolds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}/hold": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep a node for yourself
         * @description Needs the role operator.
         */
        post: operations["holdNode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Keep a held node for longer, from now
         * @description Needs the role submitter; operator, where the hold is not your own.
         */
        post: operations["extendHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/nodes/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a hold: the node is deleted
         * @description Needs the role submitter; operator, where the hold is not your own.
         */
        post: operations["releaseHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests, newest first
         * @description Needs the role viewer.
         */
        get: operations["listRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One request, and why it waits
         * @description Needs the role viewer.
         */
        get: operations["getRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/requests/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a request waits, or how it ended
         * @description Needs the role viewer.
         */
        get: operations["explainRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/checkouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload sources as tar.gz, to be named in a submission
         * @description Needs the role submitter.
         */
        post: operations["uploadCheckout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/submissions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit a job file; with a header Idempotency-Key the same submission is made once
         * @description Needs the role submitter.
         */
        post: operations["submit"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/submissions/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel every unfinished run of a submission
         * @description Needs the role submitter.
         */
        post: operations["cancelSubmission"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs, newest first
         * @description Needs the role viewer.
         */
        get: operations["listRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One run
         * @description Needs the role viewer.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/tests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tests of a run, by suite and name
         * @description Needs the role viewer.
         */
        get: operations["listRunTests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run: at once when it waits, by ending its payload when it runs
         * @description Needs the role submitter.
         */
        post: operations["cancelRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/artifacts/{artifact}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The bytes of one artifact or results file
         * @description Needs the role viewer.
         */
        get: operations["getArtifact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bytes of the log from an offset; header X-Log-Bytes tells how many there are, X-Log-Live whether more may come
         * @description Needs the role viewer.
         */
        get: operations["getLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/log/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events: the log from an offset, as it grows. Each event id is the offset after its data (base64)
         * @description Needs the role viewer.
         */
        get: operations["followLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Projects by name
         * @description Needs the role viewer.
         */
        get: operations["listProjects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/builds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Builds, newest first
         * @description Needs the role viewer.
         */
        get: operations["listBuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/builds/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One build: its environments, counts, and what it still waits for
         * @description Needs the role viewer.
         */
        get: operations["getBuild"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What changed from one build to another
         * @description Needs the role viewer.
         */
        get: operations["compareBuilds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tests of a project by a part of their suite or name
         * @description Needs the role viewer.
         */
        get: operations["findTests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tests/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One test over builds and environments, newest first
         * @description Needs the role viewer.
         */
        get: operations["testHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events: which things changed
         * @description Needs the role viewer.
         */
        get: operations["watch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A backup, to be read by groundcrew import; one that was cut off is refused there
         * @description Needs the role admin.
         */
        get: operations["exportAll"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
};
export type webhooks = Record<string, never>;
export type components = {
    schemas: never;
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
};
export type $defs = Record<string, never>;
export interface operations {
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                        version: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                        version: string;
                    };
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    whoAmI: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        name: string;
                        /** @enum {unknown} */
                        role: "viewer" | "submitter" | "operator" | "admin";
                        version: string;
                        deployment_id: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    createEnterLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        url: string;
                        /**
                         * Format: date-time
                         * @description ISO 8601, UTC
                         */
                        expires_at: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    leave: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: number;
                            name: string;
                            /** @enum {unknown} */
                            role: "viewer" | "submitter" | "operator" | "admin";
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            expires_at: string | null;
                            revoked_at: string | null;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @enum {unknown} */
                    role: "viewer" | "submitter" | "operator" | "admin";
                    /** @description Never when not given */
                    expires_in_ms?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Token */
                        token: {
                            id: number;
                            name: string;
                            /** @enum {unknown} */
                            role: "viewer" | "submitter" | "operator" | "admin";
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            expires_at: string | null;
                            revoked_at: string | null;
                        };
                        /** @description Shown this once */
                        secret: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description It looks, but touches no machine */
                        observing: boolean;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    agreeDeployment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        /** @description It looks, but touches no machine */
                        observing: boolean;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getFleet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        observing: boolean;
                        problems: {
                            /** @description disk: it is full; configuration: another process plans with another one; provider, pool: launches fail or pause there; held: held nodes fill its limit while requests wait, and ending a hold helps */
                            code: "disk" | "configuration" | "provider" | "pool" | "held";
                            /** @description For people: a provider, PROVIDER/NODE_TYPE, or what of the server it is */
                            subject: string;
                            provider: string | null;
                            node_type: string | null;
                            text: string;
                        }[];
                        labels: {
                            label: string;
                            target: number;
                            ready: number;
                            coming: number;
                            used: number;
                            held: number;
                            /** @description Waiting requests that name it */
                            waiting: number;
                            /** @description How long requests of the last hour waited, those that still wait included; within 3 % */
                            wait_p95_ms: number | null;
                            /** @description The same for each five minutes of the last hour, oldest first; null when nobody asked */
                            waits_last_hour: (number | null)[];
                        }[];
                        providers: {
                            provider: string;
                            driver: string;
                            /** @description paused: it has no room; failing: launches of some node type fail; broken: nothing works there */
                            state: "ok" | "paused" | "failing" | "broken";
                            problem: string | null;
                            since: string | null;
                            next_try_at: string | null;
                            nodes: number;
                            limit: number | null;
                            /** @description Taken by its nodes, as far as their node types say */
                            cores: number;
                            limit_cores: number | null;
                            by_state: {
                                [key: string]: number;
                            };
                            launch_p50_ms: number | null;
                            launches_ok: number;
                            launches_failed: number;
                        }[];
                        pools: {
                            provider: string;
                            node_type: string;
                            labels: string[];
                            by_state: {
                                [key: string]: number;
                            };
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listLeaks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description As the provider calls it */
                            external_id: string;
                            kind: string;
                            node_id: string | null;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            first_seen_at: string;
                            /** @description Who lets it be destroyed */
                            agreed_by: string | null;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    agreeLeaks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    external_ids: string[];
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        agreed: string[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getQueue: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            lane: string;
                            waiting: number;
                            running: number;
                            dead: number;
                            oldest_waiting_ms: number | null;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listDeadItems: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: number;
                            lane: string;
                            kind: string;
                            /** @description What it is about; for results and logs the number of the run */
                            key: string;
                            /** @description How often its handler failed */
                            failures: number;
                            /** @description How often its worker ended under it */
                            interruptions: number;
                            error: string | null;
                            died_at: string | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    retryDeadItem: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listNodes: {
        parameters: {
            query?: {
                /** @description States, with commas; all but deleted when not given */
                state?: string;
                label?: string;
                provider?: string;
                node_type?: string;
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: string;
                            provider: string;
                            node_type: string;
                            labels: string[];
                            state: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            state_since: string;
                            deadline: string | null;
                            run_id: number | null;
                            /** @description Why it was made */
                            plan_reason: string;
                            end_reason: string | null;
                            /** @description Why it is held; null when it is not */
                            hold_reason: string | null;
                            fault: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            ready_at: string | null;
                            deleted_at: string | null;
                            /** @description Its agent is silent since then; null while it is heard of, or there is none to be heard */
                            unheard_since: string | null;
                            /** @description What may be done to it in this state */
                            actions: string[];
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Node */
                        node: {
                            id: string;
                            provider: string;
                            node_type: string;
                            labels: string[];
                            state: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            state_since: string;
                            deadline: string | null;
                            run_id: number | null;
                            /** @description Why it was made */
                            plan_reason: string;
                            end_reason: string | null;
                            /** @description Why it is held; null when it is not */
                            hold_reason: string | null;
                            fault: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            ready_at: string | null;
                            deleted_at: string | null;
                            /** @description Its agent is silent since then; null while it is heard of, or there is none to be heard */
                            unheard_since: string | null;
                            /** @description What may be done to it in this state */
                            actions: string[];
                        };
                        hold: {
                            id: number;
                            node_id: string;
                            run_id: number | null;
                            owner: string;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            expires_at: string;
                            shell_command: string;
                        } | null;
                        events: {
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            at: string;
                            state: string;
                            reason: string;
                            actor: string;
                        }[];
                        facts: {
                            [key: string]: unknown;
                        } | null;
                        preflight: {
                            name: string;
                            outcome: string;
                            tries: number;
                            duration_ms: number;
                            detail: string;
                        }[];
                        machine: {
                            /** @description As the provider calls it */
                            external_id: string;
                            addresses: string[];
                            /** @description SSH host keys that the provider told */
                            host_keys: string[];
                        } | null;
                        console: string | null;
                        /** @description Why it is as it is */
                        sentence: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    deleteNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listHolds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: number;
                            node_id: string;
                            run_id: number | null;
                            owner: string;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            expires_at: string;
                            shell_command: string;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    holdNode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                    /** @description How long; 8 h when not given */
                    duration_ms?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    extendHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                    /** @description How long; 8 h when not given */
                    duration_ms?: number;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    releaseHold: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listRequests: {
        parameters: {
            query?: {
                /** @description States, with commas */
                state?: string;
                /** @description Only those that name this label */
                label?: string;
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** @description For example r-2041 */
                            id: string;
                            expressions: string[];
                            state: string;
                            reason: string | null;
                            requester: string;
                            priority: number;
                            run_id: number | null;
                            node_ids: string[];
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            ended_at: string | null;
                            waited_ms: number;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Request */
                        request: {
                            /** @description For example r-2041 */
                            id: string;
                            expressions: string[];
                            state: string;
                            reason: string | null;
                            requester: string;
                            priority: number;
                            run_id: number | null;
                            node_ids: string[];
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            ended_at: string | null;
                            waited_ms: number;
                        };
                        /** Explanation */
                        explanation: {
                            sentence: string;
                            /** @description Null when nothing waits any more */
                            decision: {
                                /** @description What was decided, in one word: served_by_coming, limit_exhausted, behind_others … */
                                code: string;
                                sentence: string;
                                /** @description A want for each node: by what it is served, how each node type was judged, and what others have */
                                data: {
                                    [key: string]: unknown;
                                };
                            } | null;
                            lines: {
                                subject: string;
                                text: string;
                            }[];
                            expected: string | null;
                        };
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    explainRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sentence: string;
                        /** @description Null when nothing waits any more */
                        decision: {
                            /** @description What was decided, in one word: served_by_coming, limit_exhausted, behind_others … */
                            code: string;
                            sentence: string;
                            /** @description A want for each node: by what it is served, how each node type was judged, and what others have */
                            data: {
                                [key: string]: unknown;
                            };
                        } | null;
                        lines: {
                            subject: string;
                            text: string;
                        }[];
                        expected: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    uploadCheckout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        checkout: string;
                        size: number;
                        sha256: string;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    submit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The text of a job file */
                    job_file: string;
                    /** @description Its name, for messages */
                    file?: string;
                    /** @description The values of the variables that it names */
                    variables?: {
                        [key: string]: string;
                    };
                    /** @description Key of an archive put to /api/v1/checkouts */
                    checkout?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: number;
                        project: string;
                        build: string;
                        build_id: number;
                        runs: {
                            id: number;
                            project: string;
                            build: string;
                            build_id: number;
                            /** @description What handed it in; cancelled as a whole by job cancel */
                            submission_id: number;
                            job: string;
                            environment: string;
                            attempt: number;
                            state: string;
                            verdict: string | null;
                            reason: string | null;
                            node_id: string | null;
                            held: boolean;
                            request_id: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            queued_at: string | null;
                            assigned_at: string | null;
                            started_at: string | null;
                            ended_at: string | null;
                            finished_at: string | null;
                            waited_ms: number | null;
                            ran_ms: number | null;
                            counts: {
                                pass: number;
                                fail: number;
                                skip: number;
                                xfail: number;
                                error: number;
                                flaky: number;
                            } | null;
                        }[];
                        /** @description Runs that nothing which is configured can ever serve, and why: they are refused, not waited for */
                        impossible: {
                            run_id: number;
                            reason: string;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    cancelSubmission: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                        /** @description The runs that were still going; none when all had ended */
                        cancelled: number[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listRuns: {
        parameters: {
            query?: {
                project?: string;
                build?: string;
                /** @description States, with commas */
                state?: string;
                /** @description Verdicts, with commas */
                verdict?: string;
                node?: string;
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            id: number;
                            project: string;
                            build: string;
                            build_id: number;
                            /** @description What handed it in; cancelled as a whole by job cancel */
                            submission_id: number;
                            job: string;
                            environment: string;
                            attempt: number;
                            state: string;
                            verdict: string | null;
                            reason: string | null;
                            node_id: string | null;
                            held: boolean;
                            request_id: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            queued_at: string | null;
                            assigned_at: string | null;
                            started_at: string | null;
                            ended_at: string | null;
                            finished_at: string | null;
                            waited_ms: number | null;
                            ran_ms: number | null;
                            counts: {
                                pass: number;
                                fail: number;
                                skip: number;
                                xfail: number;
                                error: number;
                                flaky: number;
                            } | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Run */
                        run: {
                            id: number;
                            project: string;
                            build: string;
                            build_id: number;
                            /** @description What handed it in; cancelled as a whole by job cancel */
                            submission_id: number;
                            job: string;
                            environment: string;
                            attempt: number;
                            state: string;
                            verdict: string | null;
                            reason: string | null;
                            node_id: string | null;
                            held: boolean;
                            request_id: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            queued_at: string | null;
                            assigned_at: string | null;
                            started_at: string | null;
                            ended_at: string | null;
                            finished_at: string | null;
                            waited_ms: number | null;
                            ran_ms: number | null;
                            counts: {
                                pass: number;
                                fail: number;
                                skip: number;
                                xfail: number;
                                error: number;
                                flaky: number;
                            } | null;
                        };
                        steps: {
                            ordinal: number;
                            name: string;
                            state: string;
                            exit_code: number | null;
                            signal: string | null;
                            /** @description "lost" when its agent never said how it ended: it ended with its run, when it was last heard of */
                            reason: string | null;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            started_at: string;
                            finished_at: string | null;
                            log_offset: number;
                        }[];
                        timeline: {
                            part: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            started_at: string;
                            duration_ms: number;
                        }[];
                        /** @description The first 200; the rest by /tests */
                        failures: {
                            run_id: number;
                            position: number;
                            suite: string;
                            name: string;
                            occurrence: number;
                            /** @enum {unknown} */
                            status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky";
                            message: string | null;
                            trace: string | null;
                            cut_characters: number;
                            attempts: number;
                            failed_attempts: number;
                            duration_ms: number | null;
                            location: string | null;
                        }[];
                        artifacts: {
                            id: number;
                            kind: string;
                            path: string;
                            size: number;
                            /** @description hexadecimal */
                            sha256: string;
                        }[];
                        log: {
                            bytes: number;
                            live: boolean;
                            lines: number | null;
                            first_error_offset: number | null;
                            first_error_line: number | null;
                        };
                        results_problem: string | null;
                        /** @description The agent of its node is silent since then, while it runs; null while it is heard of */
                        unheard_since: string | null;
                        other_attempts: {
                            id: number;
                            attempt: number;
                            verdict: string | null;
                        }[];
                        hold: {
                            node_id: string;
                            owner: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            expires_at: string;
                            shell_command: string;
                        } | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listRunTests: {
        parameters: {
            query?: {
                /** @description Statuses, with commas */
                status?: string;
                text?: string;
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            position: number;
                            suite: string;
                            name: string;
                            occurrence: number;
                            /** @enum {unknown} */
                            status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky";
                            duration_ms: number | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    cancelRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {boolean} */
                        done: true;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getArtifact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                artifact: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getLog: {
        parameters: {
            query?: {
                offset?: number;
                /** @description Bytes; 1 MiB when not given */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    followLog: {
        parameters: {
            query?: {
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listProjects: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            slug: string;
                            builds: number;
                            last_build: string | null;
                            last_build_at: string | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    listBuilds: {
        parameters: {
            query?: {
                project?: string;
                version?: string;
                /** @description next_cursor of the page before */
                cursor?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            project: string;
                            build_id: number;
                            version: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            finished_at: string | null;
                            /**
                             * @description Of the last run of each job: the worst that is certain
                             * @enum {unknown}
                             */
                            verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running";
                            counts: {
                                pass: number;
                                fail: number;
                                skip: number;
                                xfail: number;
                                error: number;
                                flaky: number;
                            };
                            tests: number;
                            environments: {
                                environment: string;
                                /**
                                 * @description Of the last run of each job: the worst that is certain
                                 * @enum {unknown}
                                 */
                                verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running";
                                counts: {
                                    pass: number;
                                    fail: number;
                                    skip: number;
                                    xfail: number;
                                    error: number;
                                    flaky: number;
                                };
                                tests: number;
                            }[];
                            baseline: {
                                build_id: number;
                                version: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC
                                 */
                                created_at: string;
                                finished_at: string | null;
                            } | null;
                        }[];
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    getBuild: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        project: string;
                        /** BuildReference */
                        build: {
                            build_id: number;
                            version: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            finished_at: string | null;
                        };
                        baseline: {
                            build_id: number;
                            version: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            finished_at: string | null;
                        } | null;
                        /**
                         * @description Of the last run of each job: the worst that is certain
                         * @enum {unknown}
                         */
                        verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running";
                        waits_for: {
                            state: string;
                            count: number;
                        }[];
                        counts: {
                            pass: number;
                            fail: number;
                            skip: number;
                            xfail: number;
                            error: number;
                            flaky: number;
                        };
                        tests: number;
                        environments: {
                            environment: string;
                            /**
                             * @description Of the last run of each job: the worst that is certain
                             * @enum {unknown}
                             */
                            verdict: "passed" | "failed" | "infra" | "cancelled" | "skipped" | "running";
                            counts: {
                                pass: number;
                                fail: number;
                                skip: number;
                                xfail: number;
                                error: number;
                                flaky: number;
                            };
                            tests: number;
                            duration_ms: number;
                            jobs: {
                                job: string;
                                run_id: number;
                                attempt: number;
                                state: string;
                                verdict: string | null;
                                reason: string | null;
                                counts: {
                                    pass: number;
                                    fail: number;
                                    skip: number;
                                    xfail: number;
                                    error: number;
                                    flaky: number;
                                } | null;
                                partial: boolean;
                            }[];
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    compareBuilds: {
        parameters: {
            query: {
                project: string;
                /** @description Version of the newer build */
                to: string;
                /** @description Version; the last finished build with test results before when not given */
                from?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        project: string;
                        /** BuildReference */
                        from: {
                            build_id: number;
                            version: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            finished_at: string | null;
                        };
                        /** BuildReference */
                        to: {
                            build_id: number;
                            version: string;
                            /**
                             * Format: date-time
                             * @description ISO 8601, UTC
                             */
                            created_at: string;
                            finished_at: string | null;
                        };
                        environments: {
                            environment: string;
                            from_tests: number;
                            to_tests: number;
                            counts: {
                                regression: number;
                                fix: number;
                                new: number;
                                gone: number;
                                flaky: number;
                            };
                        }[];
                        counts: {
                            regression: number;
                            fix: number;
                            new: number;
                            gone: number;
                            flaky: number;
                        };
                        changes: {
                            /** @enum {unknown} */
                            kind: "regression" | "fix" | "new" | "gone" | "flaky";
                            suite: string;
                            name: string;
                            occurrence: number;
                            environments: string[];
                            jobs: string[];
                            /** @description both, all, or the environments, with the job where one has several */
                            where: string;
                            from_status: ("pass" | "fail" | "skip" | "xfail" | "error" | "flaky") | null;
                            to_status: ("pass" | "fail" | "skip" | "xfail" | "error" | "flaky") | null;
                            run_id: number;
                            position: number;
                            message: string | null;
                            location: string | null;
                            attempts: number;
                            failed_attempts: number;
                        }[];
                        truncated: boolean;
                        missing: {
                            environment: string;
                            job: string;
                            /** @enum {unknown} */
                            missing_in: "from" | "to";
                            tests: number;
                        }[];
                        /** @description Runs of both builds whose results are still to come */
                        unfinished: {
                            /** @enum {unknown} */
                            build: "from" | "to";
                            environment: string;
                            job: string;
                            run_id: number;
                            /** @description Of the run; results while its files are being read */
                            state: string;
                        }[];
                        /** @description Why no test could be compared; null when tests were */
                        nothing_compared: string | null;
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    findTests: {
        parameters: {
            query: {
                project: string;
                text: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            suite: string;
                            name: string;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    testHistory: {
        parameters: {
            query: {
                project: string;
                suite: string;
                name: string;
                /** @description Builds */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        suite: string;
                        name: string;
                        /** @description Where it ran, with the job where one has several */
                        environments: string[];
                        builds: {
                            /** BuildReference */
                            build: {
                                build_id: number;
                                version: string;
                                /**
                                 * Format: date-time
                                 * @description ISO 8601, UTC
                                 */
                                created_at: string;
                                finished_at: string | null;
                            };
                            cells: {
                                environment: string;
                                run_id: number;
                                position: number;
                                /** @enum {unknown} */
                                status: "pass" | "fail" | "skip" | "xfail" | "error" | "flaky";
                                duration_ms: number | null;
                            }[];
                        }[];
                        trends: {
                            environment: string;
                            first_failed_in: string | null;
                            last_passed_in: string | null;
                            flaky: number;
                            sample: number;
                        }[];
                    };
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    watch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
    exportAll: {
        parameters: {
            query?: {
                /** @description Logs, artifacts and checkouts, too, not the database alone */
                objects?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description What is wrong, with a stable code, and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": {
                        type: string;
                        title: string;
                        status: number;
                        detail: string;
                        /** @description A stable code of the error catalogue, for example GC1002 */
                        code: string;
                        /** @description What to do next */
                        next: string;
                    };
                };
            };
        };
    };
}

type Json<Part> = Part extends { content: { 'application/json': infer Body } } ? Body : undefined;
type Lenient<Fields> = { [Key in keyof Fields]: Fields[Key] | (object extends Pick<Fields, Key> ? undefined : never) };
type Parameters<Place> = [NonNullable<Place>] extends [never] ? Record<never, never> : Lenient<NonNullable<Place>>;
type Good<Responses> = Json<Responses[keyof Responses & (200 | 201 | 202)]>;

export type Operations = {
  [Name in keyof operations]: {
    path: Parameters<operations[Name]['parameters']['path']>;
    query: Parameters<operations[Name]['parameters']['query']>;
    body: operations[Name] extends { requestBody: infer Body } ? Json<Body> : undefined;
    answer: Good<operations[Name]['responses']>;
  };
};

export const OPERATIONS: Readonly<Record<keyof Operations, { method: string; path: string }>> = {
  live: { method: 'GET', path: '/health/live' },
  ready: { method: 'GET', path: '/health/ready' },
  whoAmI: { method: 'GET', path: '/api/v1/whoami' },
  createEnterLink: { method: 'POST', path: '/api/v1/enter-links' },
  leave: { method: 'POST', path: '/api/v1/leave' },
  listTokens: { method: 'GET', path: '/api/v1/tokens' },
  createToken: { method: 'POST', path: '/api/v1/tokens' },
  revokeToken: { method: 'DELETE', path: '/api/v1/tokens/{id}' },
  getDeployment: { method: 'GET', path: '/api/v1/deployment' },
  agreeDeployment: { method: 'POST', path: '/api/v1/deployment/agree' },
  getFleet: { method: 'GET', path: '/api/v1/fleet' },
  listLeaks: { method: 'GET', path: '/api/v1/providers/{provider}/leaks' },
  agreeLeaks: { method: 'POST', path: '/api/v1/providers/{provider}/leaks/agree' },
  getQueue: { method: 'GET', path: '/api/v1/queue' },
  listDeadItems: { method: 'GET', path: '/api/v1/queue/dead' },
  retryDeadItem: { method: 'POST', path: '/api/v1/queue/dead/{id}/retry' },
  listNodes: { method: 'GET', path: '/api/v1/nodes' },
  getNode: { method: 'GET', path: '/api/v1/nodes/{id}' },
  deleteNode: { method: 'DELETE', path: '/api/v1/nodes/{id}' },
  listHolds: { method: 'GET', path: '/api/v1/holds' },
  holdNode: { method: 'POST', path: '/api/v1/nodes/{id}/hold' },
  extendHold: { method: 'POST', path: '/api/v1/nodes/{id}/extend' },
  releaseHold: { method: 'POST', path: '/api/v1/nodes/{id}/release' },
  listRequests: { method: 'GET', path: '/api/v1/requests' },
  getRequest: { method: 'GET', path: '/api/v1/requests/{id}' },
  explainRequest: { method: 'GET', path: '/api/v1/requests/{id}/explain' },
  uploadCheckout: { method: 'POST', path: '/api/v1/checkouts' },
  submit: { method: 'POST', path: '/api/v1/submissions' },
  cancelSubmission: { method: 'POST', path: '/api/v1/submissions/{id}/cancel' },
  listRuns: { method: 'GET', path: '/api/v1/runs' },
  getRun: { method: 'GET', path: '/api/v1/runs/{id}' },
  listRunTests: { method: 'GET', path: '/api/v1/runs/{id}/tests' },
  cancelRun: { method: 'POST', path: '/api/v1/runs/{id}/cancel' },
  getArtifact: { method: 'GET', path: '/api/v1/runs/{id}/artifacts/{artifact}' },
  getLog: { method: 'GET', path: '/api/v1/runs/{id}/log' },
  followLog: { method: 'GET', path: '/api/v1/runs/{id}/log/stream' },
  listProjects: { method: 'GET', path: '/api/v1/projects' },
  listBuilds: { method: 'GET', path: '/api/v1/builds' },
  getBuild: { method: 'GET', path: '/api/v1/builds/{id}' },
  compareBuilds: { method: 'GET', path: '/api/v1/compare' },
  findTests: { method: 'GET', path: '/api/v1/tests' },
  testHistory: { method: 'GET', path: '/api/v1/tests/history' },
  watch: { method: 'GET', path: '/api/v1/events' },
  exportAll: { method: 'GET', path: '/api/v1/export' },
};
