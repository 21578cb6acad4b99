"""Client of the Teslimat and iletiMerkezi v1 SMS API: `client` asks, `contract` says what goes over the wire."""
