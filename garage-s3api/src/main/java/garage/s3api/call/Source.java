package garage.s3api.call;

import garage.model.object.ObjectKey;

/** The object a copy reads. */
public record Source(ObjectKey key, ObjectAccess access) {}
