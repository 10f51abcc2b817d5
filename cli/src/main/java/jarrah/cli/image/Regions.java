package jarrah.cli.image;

/** Names of regions as the historical tools take them. */
final class Regions {
    private Regions() {}

    /** The region's name today, for {@code EU} and {@code US} and hosts such as {@code s3-us-west-1.amazonaws.com}. */
    static String named(String name) {
        return switch (name) {
            case "EU" -> "eu-west-1";
            case "US" -> "us-east-1";
            default ->
                name.startsWith("s3-") && name.endsWith(".amazonaws.com")
                        ? name.substring(3, name.length() - ".amazonaws.com".length())
                        : name;
        };
    }
}
