package garage.model.acl;

import garage.common.codec.Codec;
import garage.common.codec.Reader;
import garage.common.codec.Writer;
import garage.common.error.GarageException;

/** Whom an access control list grants something. */
public sealed interface Grantee {
  Codec<Grantee> CODEC = Codec.of(Grantee::write, Grantee::read);

  /** The holder of an access key. */
  record Key(String id) implements Grantee {}

  /** A group AWS has defined. */
  enum Group implements Grantee {
    /** Everybody, signed or not. */
    ALL_USERS("http://acs.amazonaws.com/groups/global/AllUsers"),
    /** Whoever signs. */
    AUTHENTICATED_USERS("http://acs.amazonaws.com/groups/global/AuthenticatedUsers"),
    /** AWS's writers of access logs, of which there are none here. */
    LOG_DELIVERY("http://acs.amazonaws.com/groups/s3/LogDelivery");

    private final String uri;

    Group(String uri) {
      this.uri = uri;
    }

    /** As documents and headers name it. */
    public String uri() {
      return uri;
    }

    /** Whether it lets anybody in of whom the owner does not know. */
    public boolean isPublic() {
      return this != LOG_DELIVERY;
    }
  }

  private static void write(Writer out, Grantee grantee) {
    switch (grantee) {
      case Key(String id) -> out.u8(1).string(id);
      case Group.ALL_USERS -> out.u8(2);
      case Group.AUTHENTICATED_USERS -> out.u8(3);
      case Group.LOG_DELIVERY -> out.u8(4);
    }
  }

  private static Grantee read(Reader in) {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new Key(in.string());
      case 2 -> Group.ALL_USERS;
      case 3 -> Group.AUTHENTICATED_USERS;
      case 4 -> Group.LOG_DELIVERY;
      default -> throw new GarageException.Corrupt("unknown kind of grantee " + kind);
    };
  }
}
