package garage.s3api.xml;

import garage.model.acl.AclPermission;
import garage.s3api.error.S3ErrorCode;
import garage.s3api.error.S3Exception;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An access control list as it is put and got.
 *
 * @param owner null if a request does not name it
 */
public record AccessControlPolicy(@Nullable Owner owner, List<Grant> grants)
    implements XmlDocument {
  /** Largest body accepted, in bytes: a hundred grants, with long names. */
  public static final int BYTES_MAX = 128 * 1024;

  /** One line. */
  public record Grant(Grantee grantee, AclPermission permission) {}

  /** To whom. */
  public sealed interface Grantee {
    /** An account. */
    record CanonicalUser(String id, String displayName) implements Grantee {}

    /** An account, by the e-mail address of its holder. */
    record ByEmail(String address) implements Grantee {}

    /** A group, by its URI. */
    record Group(String uri) implements Grantee {}
  }

  public AccessControlPolicy {
    grants = List.copyOf(grants);
  }

  /** Reads the body of a request. */
  public static AccessControlPolicy parse(byte[] body) {
    @Nullable Owner[] owner = new Owner[1];
    List<Grant> grants = new ArrayList<>();
    boolean[] listed = new boolean[1];
    try {
      XmlReader.read(
          body,
          "AccessControlPolicy",
          (xml, name) -> {
            switch (name) {
              case "Owner" -> owner[0] = owner(xml);
              case "AccessControlList" -> {
                listed[0] = true;
                xml.children(child -> grants.add(grant(xml, child)));
              }
              default -> throw XmlReader.malformed();
            }
          });
    } catch (S3Exception e) {
      throw S3ErrorCode.MALFORMED_ACL.exception();
    }
    if (!listed[0]) {
      throw S3ErrorCode.MALFORMED_ACL.exception();
    }
    return new AccessControlPolicy(owner[0], grants);
  }

  private static Owner owner(XmlReader xml) {
    String[] v = {"", ""};
    xml.children(name -> {
      switch (name) {
        case "ID" -> v[0] = xml.text().strip();
        case "DisplayName" -> v[1] = xml.text();
        default -> throw XmlReader.malformed();
      }
    });
    return new Owner(v[0], v[1]);
  }

  private static Grant grant(XmlReader xml, String element) {
    if (!element.equals("Grant")) {
      throw XmlReader.malformed();
    }
    @Nullable Grantee[] grantee = new Grantee[1];
    @Nullable AclPermission[] permission = new AclPermission[1];
    xml.children(name -> {
      switch (name) {
        case "Grantee" -> grantee[0] = grantee(xml);
        case "Permission" -> permission[0] = permission(xml.text().strip());
        default -> throw XmlReader.malformed();
      }
    });
    if (grantee[0] == null || permission[0] == null) {
      throw XmlReader.malformed();
    }
    return new Grant(grantee[0], permission[0]);
  }

  private static AclPermission permission(String name) {
    for (AclPermission permission : AclPermission.values()) {
      if (permission.name().equals(name)) {
        return permission;
      }
    }
    throw XmlReader.malformed();
  }

  /** What stands in it tells what it is; its type, if given, must say the same. */
  private static Grantee grantee(XmlReader xml) {
    String type = xml.attribute("type");
    @Nullable String[] v = new String[4];
    xml.children(name -> {
      int index =
          switch (name) {
            case "ID" -> 0;
            case "DisplayName" -> 1;
            case "EmailAddress" -> 2;
            case "URI" -> 3;
            default -> throw XmlReader.malformed();
          };
      v[index] = xml.text().strip();
    });
    Grantee grantee;
    if (v[3] != null) {
      grantee = new Grantee.Group(v[3]);
    } else if (v[2] != null && v[0] == null) {
      grantee = new Grantee.ByEmail(v[2]);
    } else if (v[0] != null) {
      grantee = new Grantee.CanonicalUser(v[0], "");
    } else {
      throw XmlReader.malformed();
    }
    if (type != null && !type.equals(type(grantee))) {
      throw XmlReader.malformed();
    }
    return grantee;
  }

  private static String type(Grantee grantee) {
    return switch (grantee) {
      case Grantee.CanonicalUser _ -> "CanonicalUser";
      case Grantee.ByEmail _ -> "AmazonCustomerByEmail";
      case Grantee.Group _ -> "Group";
    };
  }

  @Override
  public byte[] toXml() {
    return XmlWriter.document("AccessControlPolicy", this::write);
  }

  private void write(XmlWriter xml) {
    if (owner != null) {
      xml.element("Owner", owner::write);
    }
    // Groups first: some clients sort what has names, and fail on a list that begins otherwise.
    List<Grant> ordered = new ArrayList<>(grants);
    ordered.sort(Comparator.comparing(grant -> !(grant.grantee instanceof Grantee.Group)));
    xml.element(
        "AccessControlList", list -> list.each("Grant", ordered, AccessControlPolicy::write));
  }

  private static void write(XmlWriter xml, Grant grant) {
    xml.typed(
            "Grantee",
            type(grant.grantee),
            x -> {
              switch (grant.grantee) {
                case Grantee.CanonicalUser(String id, String displayName) ->
                    x.leaf("ID", id).leaf("DisplayName", displayName);
                case Grantee.ByEmail(String address) -> x.leaf("EmailAddress", address);
                case Grantee.Group(String uri) -> x.leaf("URI", uri);
              }
            })
        .leaf("Permission", grant.permission.name());
  }
}
