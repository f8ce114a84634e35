# The worker and the command line of lastgood.
#
# NOT BUILT where this was written: no container registry could be reached there. The commands in it were run one by one
# outside of a container.
#
# The worker reads volumes directly, so it needs root, the engine's socket, the volumes at the paths that the engine
# names, and the host's network (its lock is seen within one network namespace, and probes dial container addresses):
#   docker run --user 0 --network host \
#     -v /var/run/docker.sock:/var/run/docker.sock -v /var/lib/docker/volumes:/var/lib/docker/volumes \
#     -v /var/lib/lastgood:/var/lib/lastgood -v /etc/lastgood/plans:/etc/lastgood/plans:ro \
#     -e TEMPORAL_ADDRESS=127.0.0.1:7233 lastgood worker
# Configuration files that plans name have to be mounted at their own paths, by their directory: they are renamed.
# So has what releases mount of the host, read-only: a path that the worker does not see is taken to be gone.
# Run it on no engine that it rolls back unless no plan names its container.
#
# The command line needs none of that and runs as the user `node`:
#   docker run --rm -it --network host -e TEMPORAL_ADDRESS=127.0.0.1:7233 lastgood status

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY schema schema
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:24-slim
# `rm` and `sync` are in the image; a tree is captured and restored by GNU tar, which is too.
WORKDIR /opt/lastgood
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY --from=build /build/schema schema
COPY package.json LICENSE ./
ENV NODE_ENV=production
USER node
ENTRYPOINT ["node", "/opt/lastgood/dist/src/client/cli/main.js"]
CMD ["--help"]
